import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestRepository, temporaryDirectory, temporaryRepository } from '@baton/testkit';
import type { ExecutorContext } from '@nx/devkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cutoverExecutor } from './index.ts';

const MANIFEST = `version: 1
name: pump
paths: [{ move: { from: pump/next/main.go, to: pump/main.go } }]
commit: { author: { name: Zoë Quill, email: zoe@example.com }, subject: 'pump: the new one' }
`;

let workspace: TestRepository;
let printed: string;

beforeEach(async () => {
  vi.stubEnv('BATON_CACHE_DIR', temporaryDirectory('cache'));
  vi.stubEnv('NX_DRY_RUN', '');
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  workspace = await temporaryRepository({
    'cutover.yaml': MANIFEST,
    'pump/agent.yaml': 'version: 1\nname: pump\ncutover: { manifest: ../cutover.yaml }\n',
    'pump/next/main.go': 'package main\n',
    'other/agent.yaml': 'version: 1\nname: other\nimage: { layers: [{ from: files, to: / }] }\n',
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function context(projectName: string): ExecutorContext {
  return {
    root: workspace.dir,
    cwd: workspace.dir,
    isVerbose: false,
    projectName,
    targetName: 'cutover',
    projectsConfigurations: { version: 2, projects: { pump: { root: 'pump' }, other: { root: 'other' } } },
    nxJsonConfiguration: {},
    projectGraph: { nodes: {}, dependencies: {} },
  };
}

const refs = () => workspace.git('for-each-ref', '--format=%(refname)');

test('plans by default, with a page, and writes nothing to the repository', async () => {
  const page = join(temporaryDirectory(), 'plan.html');
  expect(await cutoverExecutor({ html: page }, context('pump'))).toEqual({ success: true });
  expect(printed).toMatch(/pump\/next\/main\.go → pump\/main\.go/);
  expect(printed).toMatch(/ready: /);
  expect(readFileSync(page, 'utf8')).toContain('Cutover pump');
  expect(await refs()).toBe('refs/heads/main');
});

test('with apply makes the commit; with a dry run of Nx it does not', async () => {
  vi.stubEnv('NX_DRY_RUN', 'true');
  expect(await cutoverExecutor({ apply: true }, context('pump'))).toEqual({ success: true });
  expect(await refs()).toBe('refs/heads/main');
  vi.stubEnv('NX_DRY_RUN', '');
  expect(await cutoverExecutor({ apply: true }, context('pump'))).toEqual({ success: true });
  expect(printed).toMatch(/\napplied\n/);
  expect(await workspace.git('ls-tree', '-r', '--name-only', 'cutover/pump', 'pump')).toBe(
    'pump/agent.yaml\npump/main.go',
  );
});

test('fails with one line that names code and place', async () => {
  expect(await cutoverExecutor({ apply: true, expectTree: 'a'.repeat(40) }, context('pump'))).toEqual({
    success: false,
  });
  expect(printed).toMatch(/^error CUTOVER_TREE_MISMATCH: /m);
  expect(await cutoverExecutor({}, context('other'))).toEqual({ success: false });
  expect(printed).toMatch(/^error MANIFEST_INVALID: .*has no section cutover/m);
  expect(existsSync(join(workspace.dir, 'other/dist'))).toBe(false);
});
