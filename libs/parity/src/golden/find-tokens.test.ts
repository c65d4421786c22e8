import { expect, test } from 'vitest';
import type { Scenario } from '../model/scenario.ts';
import { tokenFinder } from './find-tokens.ts';
import { testScenario } from './test-golden.ts';

const STAMP = '2026-05-02T21:51:23.456789';

function found(scenario: Partial<Scenario>, text: string, channel = 'run1/stdout'): string[] {
  const bytes = Buffer.from(text);
  return tokenFinder(testScenario('a/b', scenario))
    .inText(channel, bytes)
    .map(({ start, end, kind }) => `${kind} ${bytes.subarray(start, end)}`);
}

test('tokens are what the rules of the scenario say, in their channels', () => {
  expect(found({}, `[out]${STAMP} a\n[out]${STAMP}+00:00 b\n`)).toEqual([`iso-local ${STAMP}`, `iso-local ${STAMP}`]);
  expect(found({ tokens: [{ use: 'iso-utc' }] }, `${STAMP} ${STAMP}+00:00`)).toEqual([`iso-utc ${STAMP}+00:00`]);
  expect(found({ tokens: [{ use: 'iso-local', at: 'run2/*' }] }, STAMP)).toEqual([]);
  expect(found({ tokens: [] }, STAMP)).toEqual([]);
  expect(found({ tokens: [{ use: 'epoch' }] }, '1777758683.25')).toEqual(['epoch 1777758683.25']);
  expect(found({ tokens: [{ use: 'epoch' }] }, 'a\n1777758683.25')).toEqual([]);
  const took = { use: 'pattern', name: 'took', pattern: '(?<=took )\\d+', validator: { kind: 'rising' } } as const;
  expect(found({ tokens: [took] }, 'it took 12 s\n')).toEqual(['took 12']);
});

test('what the scenario itself lays out is text', () => {
  const contents = Buffer.from(`last_run: ${STAMP}\n`);
  expect(found({ host: [{ path: '/x', type: 'file', contents }] }, `${STAMP} 2026-05-02T21:51:24`)).toEqual([
    'iso-local 2026-05-02T21:51:24',
  ]);
  const variable = { env: [{ name: 'AT', value: Buffer.from(STAMP) }] };
  expect(found(variable, STAMP)).toEqual([]);
});

test('under a frozen clock everything is text', () => {
  expect(found({ clock: { kind: 'frozen', time: '2026-05-02 21:51:23' } }, STAMP)).toEqual([]);
});
