import { expect, test } from 'vitest';
import type { Step } from './config.ts';
import type { Mode } from './modes.ts';
import { loadSteps } from './steps.ts';
import { outcomeOf, pyValue, stepWith } from './test-config.ts';

function load(modes: object): Map<Mode, Step[]> | string {
  const value = pyValue(modes);
  return value instanceof Map ? outcomeOf(() => loadSteps(value)) : 'no object';
}

test('loads the steps in the order of keys and arrays', () => {
  const full = stepWith({
    name: 'n',
    path: 'd/p.sh',
    arguments: ['x', 'env:Y'],
    returncodes: [0, 10n ** 30n, 0.5],
    on_host: false,
    idempotence: true,
    env: { B: '1', A: '2' },
    requires_interrupt: { any: 'thing' },
  });
  const loaded = load({ config: [full, stepWith()], 'apply-check': [], upgrade: [stepWith({ upgrade_step: true })] });
  const plain: Step = {
    name: 'a.sh',
    path: 'a.sh',
    arguments: [],
    returnCodes: [0n],
    onHost: true,
    idempotence: 'Auto',
    upgradeStep: false,
    env: new Map(),
  };
  const other: Step = {
    name: 'n',
    path: 'd/p.sh',
    arguments: ['x', 'env:Y'],
    returnCodes: [0n, 10n ** 30n, 0.5],
    onHost: false,
    idempotence: 'Disabled',
    upgradeStep: false,
    env: new Map([
      ['B', '1'],
      ['A', '2'],
    ]),
  };
  expect(loaded).toEqual(
    new Map([
      ['config', [other, plain]],
      ['apply-check', []],
      ['upgrade', [{ ...plain, upgradeStep: true }]],
    ]),
  );
  expect(loaded instanceof Map && [...loaded.keys()]).toEqual(['config', 'apply-check', 'upgrade']);
});

test.each<[string, object, string]>([
  ['no mode', { apply: [], reconcile: [] }, "ValueError: 'reconcile' is not a valid Mode"],
  ['a mode in another case', { Apply: [] }, "ValueError: 'Apply' is not a valid Mode"],
  ['a hostile key', new Map([['__proto__', []]]), "ValueError: '__proto__' is not a valid Mode"],
  [
    'an unknown key',
    { apply: [stepWith({ timeout: 5 })] },
    "TypeError: Step.__init__() got an unexpected keyword argument 'timeout'",
  ],
  [
    'an unknown key of an upgrade step, before its arguments',
    { upgrade: [stepWith({ constructor: 5, upgrade_step: true, arguments: ['x'] })] },
    "TypeError: UpgradeStep.__init__() got an unexpected keyword argument 'constructor'",
  ],
  [
    'an upgrade step with arguments',
    { apply: [stepWith({ name: 'n', upgrade_step: true, arguments: ['x', "it's"] })], bad: [] },
    `skyhook_agent.step.StepError: UpgradeStep n can not have any arguments, but found: ['x', "it's"]`,
  ],
  [
    'the key before its steps, earlier keys first',
    { upgrade: [stepWith({ y: 1 })], bad: [stepWith({ x: 1 })] },
    "TypeError: Step.__init__() got an unexpected keyword argument 'y'",
  ],
])('%s', (_, modes, outcome) => {
  expect(load(modes)).toBe(outcome);
});

test('steps of the mode interrupt are loaded, though no schema looked at them', () => {
  const loaded = load({ interrupt: [stepWith()] });
  expect(loaded instanceof Map && loaded.get('interrupt')).toHaveLength(1);
  for (const empty of [[], {}, '']) expect(load({ interrupt: empty })).toEqual(new Map([['interrupt', []]]));
});

test.each([
  null,
  5,
  true,
  'ab',
  { a: 1 },
  [null],
  [[]],
  [{}],
  [stepWith({ path: undefined })],
  [stepWith({ path: 5 })],
  [stepWith({ arguments: 'ab' })],
  [stepWith({ arguments: [1] })],
  [stepWith({ returncodes: ['x'] })],
  [stepWith({ on_host: 1 })],
  [stepWith({ upgrade_step: undefined })],
  [stepWith({ env: null })],
  [stepWith({ env: { A: 1 } })],
])('a mode interrupt with %j is a TypeError', (entries) => {
  expect(load({ interrupt: entries })).toMatch(/^TypeError: [^\n]+$/);
});
