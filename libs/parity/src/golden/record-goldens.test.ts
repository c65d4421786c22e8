import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silent } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { compareObservations } from '../compare/compare-observations.ts';
import type { Observation, Subject } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { checkStore } from './check-goldens.ts';
import { openGoldens } from './golden-store.ts';
import { recordError, recordInto } from './record-goldens.ts';
import { reportCheck, reportRecord } from './report-goldens.ts';
import { logged, RECORDED, testObservation, testRun, testScenario } from './test-golden.ts';

type Behaviour = (scenario: Scenario, call: number) => Observation;

/** A live OLD: `behaviour` is told how often it was called for this scenario, from 1. */
function subject(behaviour: Behaviour): Subject {
  const calls = new Map<string, number>();
  return {
    identity: async () => ({ ...RECORDED.identity, facts: { script: '/p/old.py', python: '3.13.5' } }),
    async observe(scenario) {
      const call = (calls.get(scenario.id) ?? 0) + 1;
      calls.set(scenario.id, call);
      return behaviour(scenario, call);
    },
    close: async () => undefined,
  };
}

// Each time a second later, as a live program is.
function steady(text: (id: string) => string = () => 'hello', first = 10): Behaviour {
  return ({ id }, call) => {
    const { name, log } = logged(String(first + call), text(id));
    return testObservation([testRun(log)], { [name]: log }, id);
  };
}

async function record(directory: string, scenarios: readonly Scenario[], behaviour: Behaviour) {
  const io = { emit: silent, signal: new AbortController().signal };
  const settings = {
    compare: compareObservations,
    concurrency: 2,
    scratch: temporaryDirectory('scratch'),
    project: '/p',
    io,
  };
  return await recordInto(openGoldens(directory), scenarios, subject(behaviour), settings);
}

const suite = [testScenario('a/one'), testScenario('a/two')];

test('what OLD does twice alike is recorded, and written again only when it changes', async () => {
  const directory = temporaryDirectory('goldens');
  const first = await record(directory, suite, steady());
  expect(first.scenarios.map(({ scenario, state }) => [scenario, state])).toEqual([
    ['a/one', 'new'],
    ['a/two', 'new'],
  ]);
  expect(recordError(first)).toBeUndefined();
  expect((await openGoldens(directory).origin('a/one')).identity.facts).toEqual({ script: 'old.py', python: '3.13.5' });
  const before = await openGoldens(directory).digest();
  const second = await record(directory, suite, steady(undefined, 40));
  expect(second.scenarios.map(({ state }) => state)).toEqual(['unchanged', 'unchanged']);
  expect(await openGoldens(directory).digest()).toBe(before);
  const third = await record(
    directory,
    suite,
    steady((id) => (id === 'a/two' ? 'hullo' : 'hello')),
  );
  expect(third.scenarios).toMatchObject([
    { state: 'unchanged' },
    { state: 'changed', detail: expect.stringContaining('run1/stdout') },
  ]);
  expect(await readFile(join(directory, 'a/two/run1-stdout.esc'), 'utf8')).toContain('hullo');
  expect(await readFile(join(directory, 'a/two/manifest.json'), 'utf8')).toContain('"kind": "recorded"');
  expect(reportRecord(third)).toMatch(
    /^OLD old \(sha256:0+\), run twice\n {2}changed {2}a\/two: run1\/stdout .*\n2 goldens: 1 changed, 1 unchanged$/,
  );
});

test('a noisy OLD is refused, with the channel and the first difference, and the others are recorded', async () => {
  const directory = temporaryDirectory('goldens');
  await record(directory, suite, steady());
  const result = await record(directory, suite, (scenario, call) =>
    steady(() => (scenario.id === 'a/one' ? `dice ${call}` : 'other'))(scenario, call),
  );
  expect(result.scenarios).toMatchObject([
    { state: 'refused', problem: { code: 'GOLDEN_NOISY' } },
    { state: 'changed' },
  ]);
  const [noisy] = result.scenarios;
  expect(noisy?.problem?.message).toMatch(/^OLD did not do the same twice in a\/one: run1\/stdout .*\(and \d+ more\)$/);
  expect(recordError(result)).toMatchObject({ code: 'GOLDEN_NOISY', exitCode: 4 });
  expect(await readFile(join(directory, 'a/one/run1-stdout.esc'), 'utf8')).toContain('hello');
});

test.each<[string, Scenario, (id: string) => Observation, string]>([
  ['nothing at all', testScenario('a/one'), (id) => testObservation([testRun('')], {}, id), 'GOLDEN_EMPTY'],
  ['too few runs', testScenario('a/one'), (id) => ({ ...testObservation([], { '/x': 'x' }, id) }), 'GOLDEN_CHANNELS'],
  [
    'merged streams',
    testScenario('a/one', { streams: 'merged' }),
    (id) => testObservation([testRun('x')], {}, id),
    'GOLDEN_CHANNELS',
  ],
  [
    'no end',
    testScenario('a/one'),
    (id) => testObservation([{ ...testRun('x'), end: { kind: 'timeout', seconds: 10 } }], {}, id),
    'PARITY_TIMEOUT',
  ],
  [
    'a process behind',
    testScenario('a/one'),
    (id) => ({ ...testObservation([testRun('x')], {}, id), leftovers: ['sleep 100'] }),
    'STRAY_PROCESS',
  ],
])('OLD that leaves %s is refused', async (_what, scenario, observation, code) => {
  const directory = temporaryDirectory('goldens');
  const result = await record(directory, [scenario], ({ id }) => observation(id));
  expect(result.scenarios).toMatchObject([{ state: 'refused', problem: { code } }]);
  expect(await openGoldens(directory).ids()).toEqual([]);
});

test('silence can be declared', async () => {
  const directory = temporaryDirectory('goldens');
  const result = await record(directory, [testScenario('a/one', { expectSilent: true })], ({ id }) =>
    testObservation([testRun('')], {}, id),
  );
  expect(result.scenarios).toMatchObject([{ state: 'new' }]);
});

test('a golden of another origin, and a damaged one, are replaced', async () => {
  const directory = temporaryDirectory('goldens');
  const store = openGoldens(directory);
  const [one, two] = suite;
  if (one === undefined || two === undefined) throw new Error('two scenarios');
  const observation = (scenario: Scenario): Observation => steady()(scenario, 1);
  await store.write(one, observation(one), { ...RECORDED, kind: 'accepted-from-new', because: 'faster' });
  await store.write(two, observation(two), RECORDED);
  await writeFile(join(directory, 'a/two/run1-stdout.esc'), 'edited\n');
  const result = await record(directory, suite, steady());
  expect(result.scenarios).toMatchObject([
    { state: 'changed', detail: 'the former one was accepted-from-new' },
    { state: 'new' },
  ]);
  expect((await checkStore(suite, store)).problems).toEqual([]);
});

test('a check tells everything that is wrong at once', async () => {
  const directory = temporaryDirectory('goldens');
  const store = openGoldens(directory);
  const ids = ['a/damaged', 'a/empty', 'a/fits', 'a/frozen', 'a/gone', 'a/pointer'];
  for (const id of ids) {
    const files: Record<string, string> = id === 'a/empty' ? {} : { '/x': 'x' };
    await store.write(testScenario(id), testObservation([testRun('')], files, id), { ...RECORDED, kind: 'imported' });
  }
  await writeFile(join(directory, 'a/damaged/host+x.esc'), 'y\\c\n');
  await writeFile(join(directory, 'a/pointer/host+x.esc'), 'version https://git-lfs.github.com/spec/v1\n');
  const scenarios = [...ids.filter((id) => id !== 'a/gone'), 'a/missing'].map((id) =>
    testScenario(id, id === 'a/frozen' ? { clock: { kind: 'frozen', time: '2026-05-02 21:51:23' } } : {}),
  );
  const check = await checkStore(scenarios, store);
  expect(check).toMatchObject({ scenarios: 6, goldens: 6, origins: { imported: 1 } });
  expect(check.problems.map(({ code, message }) => [code, /a\/\w+/.exec(message)?.[0]])).toEqual([
    ['GOLDEN_DAMAGED', 'a/damaged'],
    ['GOLDEN_EMPTY', 'a/empty'],
    ['GOLDEN_CHANNELS', 'a/frozen'],
    ['GOLDEN_OBSOLETE', 'a/gone'],
    ['GOLDEN_MISSING', 'a/missing'],
    ['GOLDEN_LFS_POINTER', 'a/pointer'],
  ]);
  expect(check.problems.every(({ hint }) => hint !== undefined)).toBe(true);
  expect(reportCheck(check)).toContain('6 scenarios, 6 goldens (1 imported): 6 problems\n  GOLDEN_DAMAGED: ');
  expect((await readdir(join(directory, 'a'))).length).toBe(6);
});

test('an OLD whose program is not found anywhere is told, although it is the same each time', async () => {
  const lost: Behaviour = ({ id }) => {
    const ran = testRun(`shim: no such interpreter in ${id}\n`);
    return testObservation([{ ...ran, end: { kind: 'exit', code: 127 } }], {}, id);
  };
  const directory = temporaryDirectory('goldens');
  const all = await record(directory, suite, lost);
  expect(recordError(all)).toMatchObject({ code: 'SUBJECT_FAILED', hint: expect.stringContaining('not a shim') });
  // Once more: what is unchanged is as wrong as before.
  expect(recordError(await record(directory, suite, lost))).toMatchObject({ code: 'SUBJECT_FAILED' });
  // A single scenario that is about a missing program is none of that.
  const one = await record(temporaryDirectory('goldens'), suite, (scenario, call) =>
    scenario.id === 'a/one' ? lost(scenario, call) : steady()(scenario, call),
  );
  expect(recordError(one)).toBeUndefined();
});
