import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killMatrix, proofSample, runNode, temporaryDirectory } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { hashObject } from './hash-object.ts';
import type { ObjectFormat } from './objects.ts';
import { openObjectStore } from './open-object-store.ts';
import { packOf } from './pack.ts';
import { runGit } from './run-git.ts';
import { bareRepository, gitIn, gitLine } from './test-objects.ts';

const CHILD = join(import.meta.dirname, 'test-write-child.ts');

async function prepare(format: ObjectFormat) {
  const dir = await bareRepository(format);
  const tree = await gitLine(
    dir,
    ['mktree'],
    `100644 blob ${await gitLine(dir, ['hash-object', '-w', '--stdin'], 'x')}\told\n`,
  );
  const base = await gitLine(dir, ['commit-tree', tree, '-m', 'base']);
  await gitIn(dir, ['update-ref', 'refs/heads/main', base]);
  const temporary = temporaryDirectory('tmp');
  const command = { script: CHILD, args: [dir, base], options: { env: { TMPDIR: temporary } } };
  return { dir, base, temporary, command };
}

/** Git goes on for a moment when the one who called it was killed. */
async function settled(dir: string): Promise<string> {
  for (let before = ''; ; ) {
    const now = JSON.stringify([await readdir(dir, { recursive: true }), await gitLine(dir, ['rev-parse', 'main'])]);
    if (now === before) return await gitLine(dir, ['rev-parse', 'main']);
    before = now;
    await sleep(50);
  }
}

describe.each<ObjectFormat>(['sha1', 'sha256'])('a writer of %s that is killed', (format) => {
  it('leaves the branch where it was or where it should be, and a second run finishes', async () => {
    const points = await killMatrix(
      () => prepare(format),
      async ({ dir, base, temporary, command }) => {
        const at = await settled(dir);
        await gitIn(dir, ['fsck', '--strict', '--no-dangling']);
        const again = await runNode(command.script, command.args, command.options);
        expect([again.code, again.stderr.toString()]).toEqual([0, '']);
        const commit = again.stdout.toString();
        expect([base, commit]).toContain(at);
        expect(await gitLine(dir, ['rev-parse', 'main'])).toBe(commit);
        expect(await gitLine(dir, ['rev-list', '--count', 'main'])).toBe('2');
        await gitIn(dir, ['fsck', '--strict', '--no-dangling']);
        const left = (await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.lock'));
        expect(left).toEqual([]);
        // What the killed one had for itself was removed as well.
        expect(await readdir(temporary)).toEqual([]);
      },
      { choose: (_, index) => proofSample([...Array(1000).keys()], 4).includes(index) },
    );
    expect(points.length).toBeGreaterThan(5);
  });
});

it('git itself killed in the middle of a pack leaves garbage at most', async () => {
  const { dir, base } = await prepare('sha1');
  const store = await openObjectStore(dir);
  const objects = Array.from({ length: 50 }, (_, i) => hashObject('sha1', 'blob', Buffer.alloc(20_000 + i, `${i}`)));
  const pack = packOf('sha1', objects);
  for (const share of proofSample([0, 0.1, 0.5, 0.9, 1], 2)) {
    const stop = new AbortController();
    async function* part(): AsyncGenerator<Buffer> {
      yield pack.subarray(0, Math.floor(pack.byteLength * share));
      await sleep(100);
      stop.abort();
      await sleep(100);
    }
    await runGit(dir, ['index-pack', '--stdin'], { stdin: part(), signal: stop.signal }).catch(() => undefined);
    await gitIn(dir, ['fsck', '--strict', '--no-dangling']);
    expect(await store.resolveCommit('main')).toBe(base);
  }
  await store.writeObjects(objects);
  expect(await store.missing(objects.map(({ id }) => id))).toEqual([]);
  await store.close();
});
