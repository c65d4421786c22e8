import { describe, expect, test } from 'vitest';
import { compareObservations } from '../compare/compare-observations.ts';
import type { Observation } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { bytes, testObservation, testScenario } from '../runner/test-parity.ts';
import { MUTATIONS, mutate } from './mutations.ts';
import { type Compare, selfTest } from './self-test.ts';

const scenario = testScenario('stream/one', { tokens: [{ use: 'iso-local' }] });
const old = testObservation(scenario);

test('every kind of planted difference is found by the comparator of the runs, with its token rules', async () => {
  const tester = selfTest(compareObservations);
  const kinds: string[] = [];
  for (const kind of MUTATIONS) if ((await mutate(scenario, old, kind)) !== undefined) kinds.push(kind);
  expect(kinds).toEqual([...MUTATIONS]);
  for (let i = 0; !tester.done(); i++) {
    expect(i).toBeLessThan(20);
    const other = testScenario(`stream/${i}`, { tokens: [{ use: 'iso-local' }] });
    await tester.take(other, testObservation(other));
  }
  expect(tester.counts()).toEqual({ mutations: 3 * MUTATIONS.length, caught: 3 * MUTATIONS.length });
});

test('a second run plants the same', async () => {
  for (const kind of MUTATIONS) expect(await mutate(scenario, old, kind)).toEqual(await mutate(scenario, old, kind));
});

/** A comparator that sees two observations only after something was taken out of both. */
function blindTo(hide: (observation: Observation) => Observation): Compare {
  return async (of, one, other) => await compareObservations(of, hide(one), hide(other));
}

const rows = (change: (row: Observation['host']['rows'][number]) => object) => (observation: Observation) => ({
  ...observation,
  host: { ...observation.host, rows: observation.host.rows.map((row) => ({ ...row, ...change(row) })) },
});
const text = (change: (text: string) => string) => (observation: Observation) => {
  const changed = (content: Observation['runs'][number]['stdout']) =>
    bytes(content?.kind === 'bytes' ? change(content.bytes.toString('latin1')) : '');
  return rows((row) => ({ contents: changed(row.contents) }))({
    ...observation,
    runs: observation.runs.map((run) => ({ ...run, stdout: changed(run.stdout), stderr: changed(run.stderr) })),
  });
};

const blind: Record<string, { compare: Compare; overlooks: RegExp }> = {
  modes: { compare: blindTo(rows(() => ({ mode: '0644' }))), overlooks: /"change a mode" in host:/ },
  'contents of files': {
    compare: blindTo(rows((row) => (row.contents === undefined ? {} : { contents: bytes('') }))),
    overlooks: /in host:\/etc/,
  },
  'exit codes': {
    compare: blindTo((one) => ({ ...one, runs: one.runs.map((run) => ({ ...run, end: { kind: 'exit', code: 0 } })) })),
    overlooks: /"change the exit code" in run1\/exit/,
  },
  'the order of lines': {
    compare: blindTo(text((all) => all.split('\n').sort().join('\n'))),
    overlooks: /"swap two lines" in /,
  },
  stamps: {
    compare: blindTo(text((all) => all.replace(/\d{4}-\d\d-\d\dT[\d:.]+/g, '<TS>'))),
    overlooks: /"(shift a stamp by a second|merge two stamps)"/,
  },
  'the end of a stream': { compare: blindTo(text((all) => all.slice(0, 5))), overlooks: /was not reported/ },
  processes: { compare: blindTo((one) => ({ ...one, leftovers: [] })), overlooks: /"leave a process behind"/ },
  everything: {
    compare: async () => ({ divergences: [], ledger: [], channels: [], refusals: [] }),
    overlooks: /was not reported/,
  },
};

describe('a comparator is found out that ignores', () => {
  test.each(Object.entries(blind))('%s', async (_, { compare, overlooks }) => {
    const tester = selfTest(compare);
    const run = async (): Promise<void> => {
      for (let i = 0; i < 40 && !tester.done(); i++) await takeOne(tester.take, testScenario(`s${i}`, scenarioTokens));
    };
    await expect(run()).rejects.toMatchObject({ code: 'SELF_TEST_FAILED', message: expect.stringMatching(overlooks) });
    expect(tester.counts().caught).toBe(tester.counts().mutations - 1);
  });
});

const scenarioTokens: Partial<Scenario> = { tokens: [{ use: 'iso-local' }] };
const takeOne = async (take: (of: Scenario, one: Observation) => Promise<void>, of: Scenario): Promise<void> =>
  await take(of, testObservation(of));

test('a comparator that finds differences where there are none is found out', async () => {
  const tester = selfTest(async (of, one, other) => {
    const found = await compareObservations(of, one, other);
    return { ...found, divergences: [{ channel: 'run1/stdout', kind: 'bytes', message: 'x', bytes: 1 }] };
  });
  await expect(tester.take(scenario, old)).rejects.toMatchObject({
    code: 'SELF_TEST_FAILED',
    message: expect.stringContaining('OLD was compared with itself'),
  });
});

test('what a scenario does not compare is not planted', async () => {
  const lax = testScenario('lax', {
    observe: { host: false, container: false, modes: false, leftovers: 'any' },
    tokens: [
      {
        use: 'pattern',
        name: 'id',
        pattern: '^one|^two|^three|^four|^a warning|^/etc|^second',
        validator: { kind: 'same' },
      },
    ],
  });
  const planted: string[] = [];
  for (const kind of MUTATIONS) if ((await mutate(lax, testObservation(lax), kind)) !== undefined) planted.push(kind);
  expect(planted).toEqual(['shift a stamp by a second', 'merge two stamps', 'change the exit code']);
});

test('a text with a crash report is left alone: its frames are not compared', async () => {
  const crash = 'Traceback (most recent call last):\n  File "x"\nValueError: no\n';
  const lax = testScenario('crash', { tokens: [{ use: 'crash-report' }] });
  const one = { ...testObservation(lax, crash), host: { rows: [], deleted: [] } };
  const planted = await mutate(lax, one, 'flip a byte');
  expect(planted?.channel).toBe('run1/stderr');
});
