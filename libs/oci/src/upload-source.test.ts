import { collect, noise, streamOf } from '@baton/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readParts } from './upload-source.ts';

const bytes = noise(1000);

test('any parts in any order, whole or abandoned, are the right bytes', async () => {
  const part = fc.record({ start: fc.nat(999), length: fc.nat(400), take: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 12 }),
      fc.integer({ min: 1, max: 300 }),
      fc.boolean(),
      async (parts, piece, offsets) => {
        const openAt = (offset: number) => streamOf(bytes.subarray(offset), piece)();
        const reader = readParts({ open: streamOf(bytes, piece), ...(offsets ? { openAt } : {}) });
        for (const { start, length, take } of parts) {
          const wanted = bytes.subarray(start, start + length);
          if (take === 0) expect((await collect(reader.read(start, length))).equals(wanted)).toBe(true);
          let left = take;
          const some: Uint8Array[] = [];
          if (left > 0) {
            for await (const chunk of reader.read(start, length)) {
              some.push(chunk);
              left -= 1;
              if (left === 0) break;
            }
          }
          const got = Buffer.concat(some);
          expect(got.equals(wanted.subarray(0, got.byteLength))).toBe(true);
        }
        await reader.close();
      },
    ),
  );
});

test('parts that follow one another are one reading, which is ended at last', async () => {
  let opened = 0;
  let ended = 0;
  const open = async function* () {
    opened += 1;
    try {
      yield* streamOf(bytes, 64)();
    } finally {
      ended += 1;
    }
  };
  const reader = readParts({ open });
  for (let start = 0; start < 900; start += 100) await collect(reader.read(start, 100));
  expect([opened, ended]).toEqual([1, 0]);
  await reader.close();
  expect([opened, ended]).toEqual([1, 1]);
});

test('a part that is still being waited for does not take bytes from the next one', async () => {
  const gates: (() => void)[] = [];
  let ended = 0;
  const open = async function* () {
    try {
      yield bytes.subarray(0, 100);
      await new Promise<void>((resolve) => gates.push(resolve));
      yield bytes.subarray(100);
    } finally {
      ended += 1;
    }
  };
  const reader = readParts({ open });
  const first = reader.read(0, 200);
  await first.next();
  const pending = first.next();
  const second = collect(reader.read(100, 200));
  while (gates.length < 2) await new Promise((resolve) => setImmediate(resolve));
  for (const open of gates) open();
  expect((await second).equals(bytes.subarray(100, 300))).toBe(true);
  await pending;
  await first.return(undefined);
  await reader.close();
  expect(ended).toBe(2);
});
