import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSpool } from './spool.ts';

async function* body(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

test('gives back what was kept, in any order and more than once', async () => {
  const dir = join(temporaryDirectory(), 'cache');
  const bytes = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 6 }), async (bodies) => {
      const spool = await openSpool(join(dir, 'spool'));
      const parts = [];
      for (const chunks of bodies) parts.push(await spool.add(body(chunks)));
      for (const index of [...parts.keys(), ...parts.keys()].reverse()) {
        const out: Buffer[] = [];
        for await (const chunk of spool.read(parts[index] ?? { offset: 0, size: 0 })) out.push(chunk);
        expect(Buffer.concat(out)).toEqual(Buffer.concat(bodies[index] ?? []));
      }
      await spool.close();
    }),
    { numRuns: 50 },
  );
});

test('large bodies come back in parts', async () => {
  const spool = await openSpool(join(temporaryDirectory(), 'spool'));
  const part = await spool.add(body([Buffer.alloc(2_500_000, 'abc')]));
  const sizes: number[] = [];
  for await (const chunk of spool.read(part)) sizes.push(chunk.byteLength);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
  expect(sizes.reduce((a, b) => a + b, 0)).toBe(2_500_000);
  await spool.close();
});

test('has no name on disk while it is in use', async () => {
  const dir = temporaryDirectory();
  const spool = await openSpool(join(dir, 'spool'));
  await spool.add(body([Buffer.from('x')]));
  expect(await readdir(dir)).toEqual([]);
  await spool.close();
});

test('a body that fails keeps nothing of itself for others', async () => {
  const spool = await openSpool(join(temporaryDirectory(), 'spool'));
  const failing = async function* () {
    yield Buffer.from('half');
    throw new Error('lost');
  };
  await expect(spool.add(failing())).rejects.toThrow('lost');
  const part = await spool.add(body([Buffer.from('whole')]));
  const out: Buffer[] = [];
  for await (const chunk of spool.read(part)) out.push(chunk);
  expect(Buffer.concat(out).toString()).toBe('whole');
  await spool.close();
});
