import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byteStream, cutAt, cutPoints } from './byte-stream.ts';
import { caseSeed, drawCase } from './draw-case.ts';
import { edgeNumber } from './edge-number.ts';
import { type Finding, type Search, searchCases } from './search-cases.ts';

const numbers = fc.array(fc.nat(1000), { maxLength: 20 });

function search(
  fails: (value: readonly number[]) => string | undefined,
  more: Partial<Search<number[], Finding>> = {},
) {
  const attempt = async (value: number[]): Promise<Finding | undefined> => {
    await sleep(Math.random() * 3);
    const cause = fails(value);
    return cause === undefined ? undefined : { cause, message: `${cause}: ${value}` };
  };
  return searchCases({ arbitrary: numbers, seed: 5, count: 200, concurrency: 4, twice: false, attempt, ...more });
}

const big = (value: readonly number[]) => (value.some((one) => one >= 700) ? 'big' : undefined);

describe('a search', () => {
  test('finds the same case however many are tried at once, and shrinks it to the least', async () => {
    const [one, many] = [await search(big, { concurrency: 1 }), await search(big, { concurrency: 16 })];
    expect(one.found).toMatchObject({ value: [700], complete: true });
    expect(many.found).toMatchObject({ number: one.found?.number, seed: one.found?.seed, value: [700] });
  });

  test('can be begun again at what was found, by its seed alone', async () => {
    const { found } = await search(big);
    const again = await search(big, { seed: found?.seed ?? 0, count: 1 });
    expect(again.found).toMatchObject({ number: 1, value: [700], path: found?.path });
  });

  test('does not believe what comes once', async () => {
    const seen = new Set<string>();
    const once = (value: readonly number[]) => {
      const key = value.join();
      return seen.has(key) || !seen.add(key) ? undefined : 'once';
    };
    expect(await search(once, { twice: true, count: 30, concurrency: 1 })).toMatchObject({
      flaky: expect.any(Number),
      tried: 30,
    });
  });

  test('shrinks one cause and does not slip into another', async () => {
    const two = (value: readonly number[]) => (value.length > 5 ? 'long' : value.length > 0 ? 'short' : undefined);
    const { found } = await search(two, { known: new Set(['short']) });
    expect(found?.finding.cause).toBe('long');
    expect(found?.value).toHaveLength(6);
  });

  test('ends when it is told, with the best so far', async () => {
    const end = new AbortController();
    const { found } = await search(big, { signal: end.signal, onShrink: () => end.abort() });
    expect(found).toMatchObject({ complete: false, finding: { cause: 'big' } });
    expect(await search(() => undefined, { signal: AbortSignal.abort() })).toMatchObject({ tried: 0 });
  });

  test('throws what an attempt throws, when nothing runs any more', async () => {
    let running = 0;
    const attempt = async () => {
      running += 1;
      await sleep(5);
      running -= 1;
      throw new Error('no subject');
    };
    await expect(search(big, { attempt })).rejects.toThrow('no subject');
    expect(running).toBe(0);
  });
});

test('the first case has the seed itself, and neighbours have nothing in common', () => {
  expect(caseSeed(7, 0)).toBe(7);
  const seeds = Array.from({ length: 1000 }, (_, i) => caseSeed(7, i));
  expect(new Set(seeds).size).toBe(1000);
  expect(drawCase(numbers, 7).value).toEqual(drawCase(numbers, 7).value);
});

test('a number drawn at an edge shrinks through everything below', async () => {
  const { found } = await searchCases({
    arbitrary: edgeNumber({ max: 100_000, edges: [65_536] }),
    seed: 1,
    count: 100,
    concurrency: 1,
    twice: false,
    attempt: async (value) => (value > 40_000 ? { cause: 'x', message: '' } : undefined),
  });
  expect(found?.value).toBe(40_001);
});

test('cuts lose nothing and leave nothing empty', () => {
  fc.assert(
    fc.property(byteStream(), cutPoints(), (bytes, cuts) => {
      const pieces = cutAt(bytes, cuts);
      expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
      expect(pieces.every((piece) => piece.length > 0)).toBe(true);
    }),
  );
});
