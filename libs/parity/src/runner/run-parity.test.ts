import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readStatement } from '@baton/evidence';
import { BatonError, type ProgressEvent } from '@baton/kernel';
import { describe, expect, test } from 'vitest';

import type { Scenario } from '../model/scenario.ts';
import type { ParityResult } from '../model/verdict.ts';
import { parityRunOptions } from '../options.ts';
import { keptObservation, readEvidence } from './evidence-directory.ts';
import { mergeParity } from './merge-parity.ts';
import { parityError } from './parity-error.ts';
import { runParity } from './run-parity.ts';
import { showEvidence } from './show-evidence.ts';
import { fakeSubject, testObservation, testRun, testScenario } from './test-parity.ts';

const suiteOf = (...ids: string[]): Scenario[] => ids.map((id) => testScenario(id));
type Run = Awaited<ReturnType<typeof testRun>>;
const go = async (run: Run, options: object = {}): Promise<ParityResult> =>
  await runParity(await run.load(), { ...run.options, ...options }, run.io, run.parts);
const states = ({ scenarios }: ParityResult): string[] =>
  scenarios.map(({ scenario, state }) => `${scenario} ${state}`);

/** A NEW that prints something else in one scenario. */
const wrongIn = (id: string) =>
  fakeSubject('new', (scenario) => testObservation(scenario, scenario.id === id ? 'one\nTWO\n' : undefined));

test('equal subjects are equal, and a statement about NEW is left', async () => {
  const run = await testRun(suiteOf('a/one', 'a/two'));
  const result = await go(run);
  expect(states(result)).toEqual(['a/one equal', 'a/two equal']);
  expect(result).toMatchObject({ exitCode: 0, noise: false, tier: 'T2', project: 'agent' });
  expect(result.selfTest.mutations).toBeGreaterThan(10);
  expect(result.selfTest.caught).toBe(result.selfTest.mutations);
  expect((await readEvidence(join(run.dir, 'dist/parity'))).result).toEqual(result);
  const { statement, digest } = await readStatement(join(run.dir, 'dist/evidence/parity.json'));
  expect(statement).toMatchObject({
    subject: [{ name: 'agent', digest: { sha256: result.new.digest.slice(7) } }],
    predicate: {
      result: 'equal',
      parity: { scenarios: [{ scenario: 'a/one', state: 'equal' }, { scenario: 'a/two' }] },
    },
  });
  // The same work gives the same statement, cached or not.
  const again = await testRun(suiteOf('a/one', 'a/two'));
  await go(again, { cache: false });
  expect((await readStatement(join(again.dir, 'dist/evidence/parity.json'))).digest).toBe(digest);
  expect(await readdir(join(run.dir, 'dist'))).toEqual(['evidence', 'parity']);
});

test('what diverged is kept on both sides, and told with place and kind', async () => {
  const run = await testRun(suiteOf('a/one', 'a/two'), { new: wrongIn('a/two') });
  const events: ProgressEvent[] = [];
  const result = await runParity(
    await run.load(),
    run.options,
    { ...run.io, emit: (event) => void events.push(event) },
    run.parts,
  );
  expect(states(result)).toEqual(['a/one equal', 'a/two diverged']);
  expect(result.exitCode).toBe(1);
  expect(parityError(result)).toMatchObject({ code: 'PARITY_DIVERGED', exitCode: 1 });
  expect(result.scenarios[1]?.divergences[0]).toMatchObject({ channel: 'run1/stdout' });
  const evidence = await readEvidence(join(run.dir, 'dist/parity'));
  expect(await readdir(evidence.kept)).toEqual(['a']);
  const kept = await keptObservation(evidence, 'a/two', 'new');
  expect(await readFile((kept.runs[0]?.stdout as { path: string }).path, 'utf8')).toBe('one\nTWO\n');
  expect((await readStatement(join(run.dir, 'dist/evidence/parity.json'))).statement.predicate.result).toBe('diverged');
  expect(events).toContainEqual(expect.objectContaining({ type: 'scenario', label: 'diverged: a/two' }));
  expect(events.findLast(({ type }) => type === 'parity.progress')).toMatchObject({
    done: 2,
    total: 2,
    label: 'scenarios, 1 failing',
  });
  // Once, and not again until it fits.
  expect(run.new.asked.filter((id) => id === 'a/two')).toHaveLength(1);
});

test('it is shown again as it was, and one scenario with all that is kept', async () => {
  const run = await testRun(suiteOf('a/one', 'a/two'), { new: wrongIn('a/two') });
  await go(run);
  const shown = await showEvidence({ path: run.dir, only: [] });
  expect(shown.text).toMatch(/a\/two/);
  const one = await showEvidence({ path: run.dir, only: ['a/two'] });
  expect(one.result.scenarios).toHaveLength(1);
  expect(one.text).toContain('a/two: diverged');
  expect(one.text).toMatch(/OLD \| .*\n.*NEW \| /);
  expect(one.text).toContain(join('kept-'));
  await expect(showEvidence({ path: run.dir, only: ['a/tow'] })).rejects.toMatchObject({ hint: 'Did you mean a/two?' });
  await expect(showEvidence({ path: join(run.dir, 'dist'), only: [] })).rejects.toMatchObject({
    code: 'EVIDENCE_MISSING',
  });
});

const declaring = (until = '2027-01-01') =>
  testScenario('a/one', { diverge: [{ channel: 'run1/stdout', reason: 'other words', until, maxBytes: 4096 }] });

describe('declared divergences', () => {
  test('make a third state, which the statement carries', async () => {
    const run = await testRun([declaring()], { new: wrongIn('a/one') });
    const result = await go(run, { date: '2026-12-31' });
    expect(states(result)).toEqual(['a/one declared']);
    expect(result.scenarios[0]?.channels).toContainEqual({ channel: 'run1/stdout', state: 'declared' });
    const { predicate } = (await readStatement(join(run.dir, 'dist/evidence/parity.json'))).statement;
    expect(predicate.result).toBe('equal-with-divergence');
    expect(predicate.checks).toContainEqual({
      id: 'declared',
      result: 'noted',
      detail: 'a/one, run1/stdout, until 2027-01-01: other words',
    });
  });

  test('fail from the day after, also when the verdict is in the cache', async () => {
    const run = await testRun([declaring()], { new: wrongIn('a/one') });
    expect((await go(run, { date: '2027-01-01' })).exitCode).toBe(0);
    const later = await testRun([declaring()], { new: wrongIn('a/one') });
    later.io.cacheDir = run.io.cacheDir;
    const result = await go(later, { date: '2027-01-02' });
    expect(result.exitCode).toBe(1);
    expect(result.scenarios[0]).toMatchObject({ state: 'diverged', refusals: [{ code: 'DIVERGENCE_EXPIRED' }] });
  });

  test('fail when nothing needed them', async () => {
    const result = await go(await testRun([declaring()]), { date: '2026-12-31' });
    expect(result.scenarios[0]).toMatchObject({
      state: 'diverged',
      refusals: [{ code: 'DIVERGENCE_UNUSED' }],
      divergences: [],
    });
    expect(result.exitCode).toBe(1);
  });
});

describe('what says nothing is not green', () => {
  test('no scenario', async () => {
    await expect(go(await testRun([]))).rejects.toMatchObject({ code: 'PARITY_EMPTY', exitCode: 3 });
  });

  test('a thing compared with itself, unless it is declared', async () => {
    const same = () => testRun(suiteOf('a'), { old: fakeSubject('x'), new: fakeSubject('x') });
    await expect(go(await same())).rejects.toMatchObject({ code: 'SUBJECTS_IDENTICAL' });
    const run = await same();
    const result = await go(run, { noise: 'new' });
    expect(result).toMatchObject({ noise: true, exitCode: 0 });
    // What is declared between OLD and NEW is nothing between NEW and itself.
    const declared = await testRun([declaring()], { old: fakeSubject('x'), new: fakeSubject('x') });
    expect(await go(declared, { noise: 'new' })).toMatchObject({ exitCode: 0 });
    await expect(readStatement(join(run.dir, 'dist/evidence/parity.json'))).rejects.toMatchObject({
      code: 'EVIDENCE_MISSING',
    });
    const recorded = await testRun(suiteOf('a'), {}, '{ new: { command: [new] } }');
    await expect(go(recorded, { noise: 'old' })).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('a subject that is not there, or a machine that cannot: an error at once, and never a skip', async () => {
    for (const code of ['SUBJECT_NOT_FOUND', 'NAMESPACE_UNAVAILABLE'] as const) {
      const missing = fakeSubject('new', () => {
        throw new BatonError(code, 'not here');
      });
      await expect(go(await testRun(suiteOf('a', 'b'), { new: missing }))).rejects.toMatchObject({ code, exitCode: 3 });
    }
  });

  test('a subject that fails in a scenario: undetermined, and the others go on', async () => {
    const broken = fakeSubject('new', (scenario) => {
      if (scenario.id === 'a') throw new BatonError('SUBJECT_FAILED', 'it could not be started');
      return testObservation(scenario);
    });
    const run = await testRun(suiteOf('a', 'b'), { new: broken });
    const result = await go(run);
    expect(states(result)).toEqual(['a undetermined', 'b equal']);
    expect(result.scenarios[0]).toMatchObject({ code: 'SUBJECT_FAILED', reason: 'it could not be started' });
    expect(result.exitCode).toBe(3);
    expect((await readStatement(join(run.dir, 'dist/evidence/parity.json'))).statement.predicate.result).toBe(
      'undetermined',
    );
    const evidence = await readEvidence(join(run.dir, 'dist/parity'));
    expect((await keptObservation(evidence, 'a', 'old')).scenario).toBe('a');
  });

  test('a timeout on both sides is no equality; on one side it is a divergence', async () => {
    const hanging = (name: string, who: string) =>
      fakeSubject(name, (scenario) => {
        const one = testObservation(scenario);
        const end = { kind: 'timeout' as const, seconds: 10 };
        return scenario.id === 'both' || scenario.id === who
          ? { ...one, runs: one.runs.map((all) => ({ ...all, end })) }
          : one;
      });
    const run = await testRun(suiteOf('both', 'new', 'none'), { old: hanging('old', '-'), new: hanging('new', 'new') });
    const result = await go(run);
    expect(states(result)).toEqual(['both undetermined', 'new diverged', 'none equal']);
    expect(result.scenarios[0]).toMatchObject({ code: 'PARITY_TIMEOUT' });
    expect(result.exitCode).toBe(1);
  });

  test('an observation with fewer runs than the scenario', async () => {
    const lazy = fakeSubject('new', (scenario) => ({ ...testObservation(scenario), runs: [] }));
    const result = await go(await testRun(suiteOf('a'), { new: lazy }));
    expect(result.scenarios[0]).toMatchObject({ state: 'undetermined', code: 'PARITY_NOTHING_RAN' });
    expect(result.exitCode).toBe(3);
  });

  test('more left out than is declared; within bounds it is shown with its reason', async () => {
    const suite = [testScenario('a'), testScenario('b', { clock: { kind: 'frozen', time: '2026-05-02 21:51:23' } })];
    const strict = await go(await testRun(suite));
    expect(strict.scenarios[1]).toMatchObject({ state: 'not-run', reason: expect.stringContaining('parity.clock') });
    expect(strict).toMatchObject({ exitCode: 3, faults: [{ code: 'SKIPS_EXCEEDED' }] });
    const manifest = '{ old: { command: [old] }, new: { command: [new] }, maxSkips: 1 }';
    expect(await go(await testRun(suite, {}, manifest))).toMatchObject({ exitCode: 0, faults: [] });
  });

  test('a golden without a scenario', async () => {
    const run = await testRun(suiteOf('a'), { goldens: ['a', 'gone'] }, '{ new: { command: [new] } }');
    const result = await go(run);
    expect(result).toMatchObject({ exitCode: 5, faults: [{ code: 'GOLDEN_OBSOLETE' }] });
    expect(states(result)).toEqual(['a equal']);
  });

  test('a comparator that overlooks things: nothing is believed', async () => {
    const run = await testRun(suiteOf('a', 'b', 'c'));
    run.parts.compare = async () => ({ divergences: [], ledger: [], channels: [], refusals: [] });
    const result = await go(run, { concurrency: 1 });
    expect(result).toMatchObject({ exitCode: 3, faults: [{ code: 'SELF_TEST_FAILED' }] });
    expect(states(result)).toEqual(['a not-run', 'b not-run', 'c not-run']);
    expect((await readStatement(join(run.dir, 'dist/evidence/parity.json'))).statement.predicate.result).toBe(
      'undetermined',
    );
  });

  test('a project without a section', async () => {
    const run = await testRun(suiteOf('a'));
    await writeFile(join(run.dir, 'agent.yaml'), 'version: 1\nname: agent\n');
    await expect(go(run)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('a selection', () => {
  const suite = suiteOf('stream/a', 'stream/b', 'cli/a');
  test('is shown as one, and leaves no statement', async () => {
    const run = await testRun(suite);
    const result = await go(run, { only: ['stream'] });
    expect(states(result)).toEqual(['stream/a equal', 'stream/b equal']);
    expect(result.selection).toEqual({ of: 3, by: 'stream' });
    await expect(readStatement(join(run.dir, 'dist/evidence/parity.json'))).rejects.toMatchObject({
      code: 'EVIDENCE_MISSING',
    });
  });
  test('takes tags as well', async () => {
    const tagged = [testScenario('a', { tags: ['slow'] }), testScenario('b')];
    expect(states(await go(await testRun(tagged), { tag: ['slow'] }))).toEqual(['a equal']);
  });
  test.each([
    { only: ['strem'] },
    { tag: ['nothing'] },
    { only: ['stream/a', 'gone'] },
  ])('of nothing is refused: %j', async (options) => {
    await expect(go(await testRun(suite), options)).rejects.toMatchObject({ code: 'SCENARIO_NOT_FOUND', exitCode: 2 });
  });
});

describe('the cache', () => {
  const twice = async (first: Run, second: Run, options: object = {}) => {
    await go(first);
    second.io.cacheDir = first.io.cacheDir;
    return await go(second, options);
  };

  test('spares what was equal, says so, and the self-test is done all the same', async () => {
    const second = await testRun(suiteOf('a', 'b', 'c'));
    const result = await twice(await testRun(suiteOf('a', 'b', 'c')), second);
    expect(result.scenarios.filter(({ cached }) => cached)).toHaveLength(2);
    expect(second.new.asked).toEqual(['a']);
    expect(result.exitCode).toBe(0);
    expect(result.selfTest.mutations).toBeGreaterThan(5);
  });

  test('is not asked with --no-cache, for another subject, or for a changed scenario', async () => {
    const all = await testRun(suiteOf('a', 'b'));
    expect(
      (await twice(await testRun(suiteOf('a', 'b')), all, { cache: false })).scenarios.some(({ cached }) => cached),
    ).toBe(false);
    const other = await testRun(suiteOf('a', 'b'), { new: fakeSubject('newer') });
    expect((await twice(await testRun(suiteOf('a', 'b')), other)).scenarios.some(({ cached }) => cached)).toBe(false);
    const changed = await testRun([testScenario('a', { umask: '0077' }), testScenario('b')]);
    expect((await twice(await testRun(suiteOf('a', 'b')), changed)).scenarios.map(({ cached }) => cached)).toEqual([
      false,
      true,
    ]);
  });

  test('never holds what diverged', async () => {
    const second = await testRun(suiteOf('a', 'b'), { new: wrongIn('b') });
    const result = await twice(await testRun(suiteOf('a', 'b'), { new: wrongIn('b') }), second);
    expect(result.scenarios.map(({ cached, state }) => `${state} ${cached}`)).toEqual(['equal true', 'diverged false']);
  });

  test('does not hide a golden that somebody edited', async () => {
    const golden = () => fakeSubject('old', undefined, 'golden');
    const damaged = fakeSubject(
      'old',
      (scenario) => {
        if (scenario.id === 'b') throw new BatonError('GOLDEN_DAMAGED', 'the golden of b was edited');
        return testObservation(scenario);
      },
      'golden',
    );
    const result = await twice(
      await testRun(suiteOf('a', 'b'), { old: golden() }),
      await testRun(suiteOf('a', 'b'), { old: damaged }),
    );
    expect(states(result)).toEqual(['a equal', 'b undetermined']);
    // Alone, it is still the golden that is wrong, and not the comparator.
    expect(await go(await testRun(suiteOf('b'), { old: damaged }))).toMatchObject({ exitCode: 5, faults: [] });
    expect(result.exitCode).toBe(5);
  });
});

test('shards run apart and merge into what one run gives', async () => {
  const suite = suiteOf('a', 'b', 'c', 'd', 'e', 'f', 'g');
  const runs = await Promise.all([1, 2, 3].map(async () => await testRun(suite, { new: wrongIn('c') })));
  const parts: ParityResult[] = [];
  for (const [i, run] of runs.entries()) parts.push(await go(run, { shard: `${i + 1}/3`, cache: false }));
  expect(parts.flatMap(states).sort()).toHaveLength(7);
  expect(parts[0]).toMatchObject({ shard: { index: 1, count: 3 } });
  const home = await testRun(suite);
  const from = runs.map((run) => join(run.dir, 'dist/parity'));
  const merged = await mergeParity(await home.load(), { path: home.dir, from }, home.io, home.parts);
  const whole = await go(await testRun(suite, { new: wrongIn('c') }), { cache: false });
  expect(states(merged)).toEqual(states(whole));
  expect(merged.exitCode).toBe(1);
  const evidence = await readEvidence(join(home.dir, 'dist/parity'));
  expect((await keptObservation(evidence, 'c', 'new')).scenario).toBe('c');
  expect((await readStatement(join(home.dir, 'dist/evidence/parity.json'))).statement.predicate.result).toBe(
    'diverged',
  );
  await expect(
    mergeParity(await home.load(), { path: home.dir, from: from.slice(1) }, home.io, home.parts),
  ).rejects.toMatchObject({ code: 'SHARD_INCOMPLETE' });
  expect((await readEvidence(join(home.dir, 'dist/parity'))).result).toEqual(merged);
  // One of the two holds nothing, and says so.
  const ends = await Promise.allSettled(
    ['1/2', '2/2'].map(async (shard) => await go(await testRun(suiteOf('a')), { shard })),
  );
  expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'PARITY_EMPTY' } });
  expect(ends.find(({ status }) => status === 'fulfilled')).toMatchObject({ value: { exitCode: 0 } });
});

test('an interruption leaves what a former run left', async () => {
  const run = await testRun(suiteOf('a', 'b'));
  const first = await go(run);
  const second = await testRun(suiteOf('a', 'b', 'c'), {
    new: fakeSubject('new', (scenario) => {
      second.controller.abort();
      return testObservation(scenario);
    }),
  });
  const options = parityRunOptions.parse({ path: run.dir, concurrency: 1, cache: false });
  await expect(runParity(await run.load(), options, second.io, second.parts)).rejects.toMatchObject({
    code: 'INTERRUPTED',
  });
  expect((await readEvidence(join(run.dir, 'dist/parity'))).result).toEqual(first);
  expect(await readdir(join(run.dir, 'dist'))).toEqual(['evidence', 'parity']);
});

test('costs are written beside the goldens when asked, and decide the order of the next run', async () => {
  const parity = '{ old: { command: [old] }, new: { command: [new] }, goldens: parity/goldens }';
  const first = await testRun(suiteOf('a', 'b', 'c'), {}, parity);
  await go(first, { recordCosts: true });
  const path = join(first.dir, 'parity/costs.json');
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ a: 0.5, b: 0.5, c: 0.5 });
  await writeFile(path, JSON.stringify({ a: 1, b: 7, c: 3 }));
  const next = await testRun(suiteOf('a', 'b', 'c'), {}, parity);
  await runParity(await first.load(), { ...first.options, concurrency: 1, cache: false }, next.io, next.parts);
  expect(next.old.asked).toEqual(['b', 'c', 'a']);
  await writeFile(path, '[]');
  await expect(go(first)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
});
