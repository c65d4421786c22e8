import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { encodeFeed } from '../feeder/feed-program.ts';
import { writeScenario } from '../scenario/write-scenario.ts';
import { caseSeed, drawCase } from './draw-case.ts';
import { packageDraw } from './package-draw.ts';
import { packageScenario } from './package-scenario.ts';
import { teeCase } from './tee-case.ts';
import { foundText } from './tee-scenario.ts';

const drawn = Array.from({ length: 60 }, (_, i) => {
  const draw = drawCase(packageDraw({ clocks: true }), caseSeed(3, i)).value;
  return packageScenario(draw, { id: `generated/case-${i}`, why: 'Generated.', tags: ['generated'] });
});

test('what is drawn is an ordinary scenario: it can be written and read again', () => {
  // writeScenario reads what it wrote, and throws when that is something else.
  for (const scenario of drawn) expect(writeScenario(scenario)).toContain(`id: ${scenario.id}\n`);
});

test('every write is waited for, and fits into a pipe', () => {
  const feeders = drawn.flatMap((scenario) => scenario.feeders);
  expect(feeders.length).toBeGreaterThan(60);
  for (const { steps } of feeders) {
    for (const [i, step] of steps.entries()) {
      if (step.kind !== 'write') continue;
      expect(step.bytes.length).toBeLessThanOrEqual(65_536);
      expect(steps[i + 1]?.kind).toBe('idle');
    }
    encodeFeed(steps);
  }
});

test('draws reach every kind of step, both clocks, all modes and state that is there before', () => {
  const kinds = new Set(drawn.flatMap(({ feeders }) => feeders.flatMap(({ steps }) => steps.map(({ kind }) => kind))));
  expect([...kinds].sort()).toEqual(['child', 'close', 'exit', 'idle', 'signal', 'sleep', 'write']);
  expect(new Set(drawn.map(({ clock }) => clock.kind))).toEqual(new Set(['real', 'frozen']));
  expect(new Set(drawn.flatMap(({ runs }) => runs.map(({ argv }) => String(argv[0])))).size).toBeGreaterThan(8);
  expect(drawn.some(({ runs }) => runs.some(({ actions }) => actions.length > 0))).toBe(true);
  expect(drawn.some(({ host }) => host.some(({ path }) => path.includes('/flags/demo/')))).toBe(true);
});

test('a text becomes a scenario with the same pieces', () => {
  const value = drawCase(teeCase(), 11).value;
  const finding = { message: 'm', cause: 'text', offset: 0, old: Buffer.alloc(0), new: Buffer.alloc(0) };
  const found = { value, finding, first: finding, seed: 11, number: 1, path: '2:0', shrinks: 1, complete: true };
  const scenario = foundText(found, { clocks: true });
  expect(writeScenario(scenario)).toContain('tags: [ generated, seed-11, path-2.0 ]');
  const written = scenario.feeders.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.kind === 'write' ? [step.bytes] : [])),
  );
  expect(isDeepStrictEqual(Buffer.concat(written), Buffer.concat(value.reads.map(({ bytes }) => bytes)))).toBe(true);
});
