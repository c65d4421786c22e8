import { join } from 'node:path';
import { fuzzSubjects, fuzzText, openResident } from '@baton/parity';
import { isShortProof, needs, proofSample, temporaryDirectory } from '@baton/testkit';
import { afterAll, describe, expect, test } from 'vitest';
import { PLANTED_BUGS, plantedBundle, plantedSource } from './test-planted-bugs.ts';
import { bundleSubject } from './test-planted-subject.ts';

const MINUTES = 60_000;
const BUGS = Object.entries(PLANTED_BUGS);
/** Each begins a search of its own. */
const SEEDS = Array.from({ length: isShortProof() ? 1 : 12 }, (_, i) => 1000 + i * 77_777);

function resident(changes: (typeof BUGS)[number][1]) {
  return openResident({ command: [process.execPath, join(plantedSource(changes), 'src/test-tee-resident.ts')] });
}

describe('of 14 mistakes of a port, each is found', () => {
  const rows: string[] = [];
  afterAll(() => console.log(['scenarios to the first difference, by seed', ...rows].join('\n')));

  test.each(BUGS)('text: %s', { timeout: 10 * MINUTES }, async (name, changes) => {
    const [old, wrong] = [resident([]), resident(changes)];
    const numbers: number[] = [];
    let least = '';
    for (const seed of SEEDS) {
      const { found } = await fuzzText({ old, new: wrong, seed, count: 2000 });
      const { number, value } = found ?? expect.unreachable(`seed ${seed}: not found`);
      numbers.push(number);
      least = `${value.reads.reduce((sum, { bytes }) => sum + bytes.length, 0)} B in ${value.reads.length}`;
    }
    await Promise.all([old.close(), wrong.close()]);
    numbers.sort((a, b) => a - b);
    rows.push(`${name}: median ${numbers[numbers.length >> 1]} (${numbers.join(' ')}), shrunk to ${least}`);
  });

  test('and two builds of the right agent do the same in 20 000 texts', { timeout: 5 * MINUTES }, async () => {
    const [old, same] = [resident([]), resident([])];
    const count = isShortProof() ? 2000 : 20_000;
    expect(await fuzzText({ old, new: same, seed: 1, count })).toEqual({ tried: count, flaky: 0, repeated: 0 });
    await Promise.all([old.close(), same.close()]);
  });
});

describe('the same with whole agents', () => {
  const rows: string[] = [];
  afterAll(() => console.log(['scenarios to the first difference', ...rows].join('\n')));

  // Not shrunk to the end: that takes minutes for each, and is shown with texts.
  for (const [name, changes] of proofSample(BUGS, BUGS.length))
    needs('root')(
      name,
      async () => {
        const subjects = [
          await bundleSubject(await plantedBundle([])),
          await bundleSubject(await plantedBundle(changes)),
        ] as const;
        const [old, wrong] = subjects;
        const directory = temporaryDirectory('fuzz');
        const search = { old, new: wrong, clocks: true, concurrency: 8, directory };
        try {
          const { found, undetermined } = await fuzzSubjects({ ...search, seed: 99, count: 200, shrinks: 16 });
          expect(found, name).toBeDefined();
          rows.push(`${name}: ${found?.number} (${found?.finding.cause})${JSON.stringify(undetermined)}`);
        } finally {
          for (const subject of subjects) await subject.close();
        }
      },
      20 * MINUTES,
    );
});
