import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadManifest } from '@baton/manifest';
import { expect, test } from 'vitest';
import { evidenceDirectory } from '../runner/parity-project.ts';
import { runParity } from '../runner/run-parity.ts';
import { fakeSubject, testObservation, testRun, testScenario } from '../runner/test-parity.ts';
import { acceptGoldens } from './accept-goldens.ts';
import { checkError, checkGoldens } from './check-goldens.ts';
import { openGoldens } from './golden-store.ts';
import { goldenSubject } from './golden-subject.ts';
import { pruneGoldens } from './prune-goldens.ts';
import { recordGoldens } from './record-goldens.ts';
import { reportAcceptance, reportPruning } from './report-goldens.ts';
import { RECORDED } from './test-golden.ts';

const suite = ['a/one', 'a/two', 'b/three'].map((id) => testScenario(id));

/** A project with goldens of three scenarios and of one that is gone; NEW is right in the first, wrong in the others. */
async function project() {
  const found = fakeSubject('new', (scenario) =>
    testObservation(scenario, scenario.id === 'a/one' ? undefined : `NEW in ${scenario.id}\n`),
  );
  const run = await testRun(suite, { new: found }, '{ old: { goldens: true }, new: { command: [new] } }');
  const store = openGoldens(join(run.dir, 'parity/goldens'));
  for (const scenario of [...suite, testScenario('gone')])
    await store.write(scenario, testObservation(scenario), RECORDED);
  const judge = async () => {
    const opened = [goldenSubject(store), found];
    const parts = { ...run.parts, openSubject: async () => opened.shift() ?? found };
    return await runParity(await run.load(), { ...run.options, cache: false }, run.io, parts);
  };
  return { ...run, store, judge, project: await run.load() };
}

test('what NEW did is taken for right, marked for ever, and counted', async () => {
  const { project: agent, parts, io, store, judge } = await project();
  expect((await judge()).scenarios.map(({ state }) => state)).toEqual(['equal', 'diverged', 'diverged']);
  const options = { path: '.', only: ['a/'], all: false, because: undefined };
  const accepted = await acceptGoldens(agent, options, io, parts);
  expect(accepted).toMatchObject({ accepted: ['a/two'], unchanged: ['a/one'] });
  expect(reportAcceptance(accepted)).toContain('1 golden is now what NEW did: new (sha256:');
  expect(await store.origin('a/two')).toMatchObject({ kind: 'accepted-from-new', identity: { name: 'new' } });
  expect(await store.origin('a/one')).toMatchObject({ kind: 'recorded' });
  const after = await judge();
  expect(after.scenarios.map(({ state }) => state)).toEqual(['equal', 'equal', 'diverged']);
  expect(after.old.facts).toMatchObject({ goldens: '4', recorded: '3', 'accepted-from-new': '1' });
  const all = await acceptGoldens(agent, { path: '.', only: [], all: true, because: 'issue 217' }, io, parts);
  expect(all).toMatchObject({ accepted: ['b/three'], unchanged: [] });
  expect(await store.origin('b/three')).toMatchObject({ because: 'issue 217' });
  expect(await readFile(join(store.directory, 'b/three/run1-stdout.esc'), 'utf8')).toBe('NEW in b/three\n');
});

test.each([
  [{ only: [], all: false }, 'USAGE'],
  [{ only: ['a/one'], all: true, because: 'x' }, 'USAGE'],
  [{ only: [], all: true }, 'USAGE'],
  [{ only: ['a/four'], all: false }, 'SCENARIO_NOT_FOUND'],
])('%j is refused with %s', async (asked, code) => {
  const { project: agent, parts, io, judge, store } = await project();
  await judge();
  const before = await store.digest();
  const options = { path: '.', because: undefined, ...asked };
  await expect(acceptGoldens(agent, options, io, parts)).rejects.toMatchObject({ code });
  expect(await store.digest()).toBe(before);
});

test('without a run there is nothing to accept, and what was not in it cannot be accepted', async () => {
  const { project: agent, parts, io, options, new: found, store } = await project();
  const accept = async () =>
    await acceptGoldens(agent, { path: '.', only: ['b/three'], all: false, because: undefined }, io, parts);
  await expect(accept()).rejects.toMatchObject({
    code: 'EVIDENCE_MISSING',
    hint: expect.stringContaining('parity run'),
  });
  const opened = [goldenSubject(store), found];
  const some = { ...options, cache: false, only: ['a/two'] };
  await runParity(agent, some, io, { ...parts, openSubject: async () => opened.shift() ?? found });
  await expect(accept()).rejects.toMatchObject({
    code: 'EVIDENCE_MISSING',
    message: expect.stringContaining('b/three'),
  });
  expect(evidenceDirectory(agent)).toContain('dist');
});

test('obsolete goldens are pruned, after a dry run that changes nothing', async () => {
  const { project: agent, parts, io, store } = await project();
  expect(checkError(await checkGoldens(agent, parts))).toMatchObject({ code: 'GOLDEN_OBSOLETE', exitCode: 5 });
  const dry = await pruneGoldens(agent, { path: '.', dryRun: true }, io, parts);
  expect(reportPruning(dry)).toBe('  would be removed gone\n1 golden would be removed, 3 stay.');
  expect(await store.ids()).toHaveLength(4);
  expect(await pruneGoldens(agent, { path: '.', dryRun: false }, io, parts)).toEqual({
    removed: ['gone'],
    kept: 3,
    dryRun: false,
  });
  expect(await store.ids()).toEqual(['a/one', 'a/two', 'b/three']);
  expect(checkError(await checkGoldens(agent, parts))).toBeUndefined();
  const none = { loadSuite: async () => [] };
  await expect(pruneGoldens(agent, { path: '.', dryRun: false }, io, none)).rejects.toMatchObject({
    code: 'PARITY_EMPTY',
  });
  expect(await store.ids()).toHaveLength(3);
});

test('in CI nothing is written, with no way around', async () => {
  const { project: agent, parts, io, store } = await project();
  const before = await store.digest();
  const ci = { ...io, env: { CI: 'true' } };
  const refused = { code: 'GOLDEN_READ_ONLY', exitCode: 2 };
  const all = { path: '.', only: [], all: true, because: 'x' };
  await expect(acceptGoldens(agent, all, ci, parts)).rejects.toMatchObject(refused);
  await expect(pruneGoldens(agent, { path: '.', dryRun: false }, ci, parts)).rejects.toMatchObject(refused);
  await expect(recordGoldens(agent, { path: '.', only: [], tag: [] }, ci, parts)).rejects.toMatchObject(refused);
  expect(await store.digest()).toBe(before);
  expect(await pruneGoldens(agent, { path: '.', dryRun: true }, ci, parts)).toMatchObject({ removed: ['gone'] });
});

test('a project records the OLD that it names; goldens alone are none', async () => {
  const { project: agent, parts, io } = await project();
  const options = { path: '.', only: [], tag: [] };
  await expect(recordGoldens(agent, options, io, parts)).rejects.toMatchObject({
    code: 'USAGE',
    hint: expect.stringContaining('record:'),
  });
  const named = await testRun(suite, {}, '{ record: { command: [old] }, new: { command: [new] } }');
  const asked: unknown[] = [];
  const recording = {
    ...named.parts,
    openSubject: async (spec: unknown) => {
      asked.push(spec);
      return named.old;
    },
  };
  const result = await recordGoldens(await loadManifest(named.dir), options, named.io, recording);
  expect(asked).toMatchObject([{ kind: 'process', command: ['old'] }]);
  expect(result.scenarios.map(({ state }) => state)).toEqual(['new', 'new', 'new']);
  expect(named.old.asked.filter((id) => id === 'a/one')).toHaveLength(2);
  expect(checkError(await checkGoldens(await loadManifest(named.dir), named.parts))).toBeUndefined();
});
