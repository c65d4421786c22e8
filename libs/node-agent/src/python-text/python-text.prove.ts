import { isShortProof, needs, proofSample } from '@baton/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseJson } from './index.ts';
import { type Oracle, startOracle } from './test-oracle.ts';
import { seededRandom } from './test-random.ts';
import { casesOf, comparable, integerBlock, ourAnswer, printableBlock, RULES, type Rule } from './test-rules.ts';
import { planeStarts } from './test-vectors.ts';

const CASES = isShortProof() ? 1_500 : 20_000;
const BATCH = 2_000;
const PLANES = Array.from({ length: 17 }, (_, plane) => plane);

needs('python').describe('the text rules are those of CPython 3.13', () => {
  let oracle: Oracle;
  beforeAll(() => {
    oracle = startOracle();
  });
  afterAll(() => oracle.stop());

  // A number of one's own repeats what a report names; every run is the same otherwise.
  const seed = Number(process.env.BATON_SEED ?? 20260102);

  test.each(RULES)('$name', async (rule) => {
    const cases = casesOf(rule, seededRandom(seed), CASES);
    const differences: unknown[] = [];
    for (let from = 0; from < cases.length; from += BATCH) {
      const items = cases.slice(from, from + BATCH);
      const answers = await oracle.ask(rule.name, items);
      expect(answers).toHaveLength(items.length);
      for (const [i, item] of items.entries()) {
        const [python, ours] = [answers[i] ?? null, ourAnswer(rule, item)].map(comparable);
        if (JSON.stringify(python) !== JSON.stringify(ours)) differences.push({ item, python, ours });
      }
    }
    expect(differences.slice(0, 20)).toEqual([]);
    expect(cases.length).toBeGreaterThan(isShortProof() ? 1_000 : 10_000);
  });

  test.each([
    ['printable', printableBlock],
    ['int-block', integerBlock],
  ])('every character: %s', async (rule, block) => {
    for (const plane of proofSample(PLANES, 8)) {
      const starts = planeStarts(plane);
      expect(starts.map(block)).toEqual(await oracle.ask(rule, starts));
    }
  });

  test('how deep JSON may be', async () => {
    const shapes = [9_997, 9_998, 9_999].flatMap((count) => [
      ['[', count, ']'],
      ['{"a":', count, '}'],
    ]);
    const depth: Rule = {
      name: 'json-depth',
      edges: shapes,
      random: () => null,
      ours: (shape) => {
        const [opening, count, closing] = Array.isArray(shape) ? shape : [];
        parseJson(`${String(opening).repeat(Number(count))}1${String(closing).repeat(Number(count))}`);
        return 'read';
      },
    };
    const ours = shapes.map((shape) => ourAnswer(depth, shape));
    expect(ours).toEqual(await oracle.ask('json-depth', shapes));
  });
});
