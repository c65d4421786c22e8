import { expect, test } from 'vitest';
import { comparable, integerBlock, ourAnswer, printableBlock, RULES } from './test-rules.ts';
import { planeHash, planeStarts, readVectors } from './test-vectors.ts';

// Without Python: what it said is stored (test-make-vectors.ts). The proof beside this asks it anew, far more often.
test.each(RULES)('$name as CPython 3.13 has it', (rule) => {
  const vectors = readVectors(rule.name);
  expect(vectors.length).toBeGreaterThanOrEqual(300);
  expect(vectors.map(([item]) => [item, comparable(ourAnswer(rule, item))])).toEqual(vectors);
});

test.each([
  ['printable', printableBlock],
  ['int-block', integerBlock],
])('every character: %s', (rule, block) => {
  for (const [plane, hash] of readVectors(rule)) {
    expect([plane, planeHash(planeStarts(Number(plane)).map(block))]).toEqual([plane, hash]);
  }
});
