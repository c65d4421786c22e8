import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { openObjectStore } from '@baton/git';
import { cutoverExample, needs, pathWithGoCache, pythonProgram, temporaryDirectory } from '@baton/testkit';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { applyCutover } from '../engine/apply-cutover.ts';
import { planCutover } from '../engine/plan-cutover.ts';
import { revertCutover } from '../engine/revert-cutover.ts';
import { verifyCutover } from '../engine/verify-cutover.ts';
import { loadCutover } from '../manifest/load-cutover.ts';
import { proposeCutover } from './propose-cutover.ts';

let path: string;
beforeAll(async () => {
  path = await pathWithGoCache();
});
beforeEach(() => void vi.stubEnv('PATH', path));
afterEach(() => void vi.unstubAllEnvs());

test('the example is planned, applied, verified and reverted', { timeout: 120_000 }, async () => {
  const { dir } = await cutoverExample();
  const store = await openObjectStore(dir);
  const cutover = await loadCutover(join(dir, 'cutover.yaml'));
  const plan = await planCutover({ store, cutover, base: 'main' });
  expect(plan.scans.flatMap(({ findings, unusedExceptions }) => [...findings, ...unusedExceptions])).toEqual([]);
  // Without Go there is nothing that could build; that is pending, and never passed.
  expect(plan.acceptance.filter(({ state }) => state === 'failed')).toEqual([]);
  expect(plan.accounting.unexplained).toEqual([]);
  const { commit } = await applyCutover(plan, { store, cutover, expectTree: plan.commit.tree });
  expect((await verifyCutover({ store, cutover, commit })).state).toBe('identical');
  expect(await revertCutover({ store, commit })).toMatchObject({ tree: plan.base.tree, proof: 'tree' });
});

needs('go', 'python')(
  'the program that is built of the result prints the bytes of the old one',
  async () => {
    const repository = await cutoverExample();
    const store = await openObjectStore(repository.dir);
    const cutover = await loadCutover(join(repository.dir, 'cutover.yaml'));
    const run = (command: string, args: readonly string[], env: Record<string, string> = {}): Buffer => {
      const cwd = join(repository.dir, 'agent');
      const { status, stdout, stderr } = spawnSync(command, args, { cwd, env: { PATH: path, ...env } });
      expect([status, stderr.toString()]).toEqual([0, '']);
      return stdout;
    };
    const facts = join(repository.dir, 'samples/facts.txt');
    const outputs = (print: (env: Record<string, string>) => Buffer): Buffer[] =>
      [{}, { BEACON_PREFIX: 'os.' }, { BEACON_PREFIX: 'no such' }].map(print);
    const before = outputs((env) =>
      run(pythonProgram(), ['-B', '-m', 'beacon', facts], { ...env, PYTHONPATH: 'vendor' }),
    );
    const plan = await planCutover({ store, cutover, base: 'main' }, {}, { checks: 'none' });
    const { commit } = await applyCutover(plan, { store, cutover });
    await repository.git('checkout', '--quiet', '--detach', commit);
    const program = join(temporaryDirectory('beacon'), 'beacon');
    const home = temporaryDirectory('home');
    run('go', ['build', '-mod=vendor', '-o', program, '.'], { HOME: home, GOFLAGS: '-mod=vendor', GOPROXY: 'off' });
    expect(outputs((env) => run(program, [facts], env))).toEqual(before);
    expect(new Set(before.map(String)).size).toBeGreaterThan(1);
    expect(before[0]?.byteLength).toBeGreaterThan(20);
  },
  120_000,
);

test('a proposal for the example finds its layout', async () => {
  const { dir } = await cutoverExample();
  const store = await openObjectStore(dir);
  const { layout, losses, places } = await proposeCutover({
    tree: await store.readTree('main'),
    readBlobs: (ids) => store.readBlobs(ids),
  });
  expect(layout).toMatchObject({
    component: 'agent',
    nested: 'agent/go',
    old: expect.arrayContaining([
      'agent/beacon',
      'agent/tests',
      'agent/vendor',
      'agent/pyproject.toml',
      'agent/.dockerignore',
    ]),
    collisions: ['.gitignore', 'Makefile', 'README.md'],
    oldLanguage: 'Python',
    newLanguage: 'Go',
  });
  expect(layout.pairs.map((pair) => [pair.old, pair.new])).toEqual([
    ['.github/workflows/agent-ci.yaml', '.github/workflows/agent-go-ci.yaml'],
    ['containers/agent.Dockerfile', 'containers/agent-go.Dockerfile'],
  ]);
  expect(losses.map(({ what }) => what)).toContain('arg PYTHON_VERSION');
  // The manifest that is there names the old layout on purpose.
  expect(places.filter(({ path }) => path === 'cutover.yaml')).toEqual([]);
});
