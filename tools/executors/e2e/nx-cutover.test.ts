import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { pluginPackage } from './artefacts.ts';
import { agent, type NxWorkspace, nxWorkspace } from './nx-workspace.ts';

// Bounds for hanging, not for speed.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const MANIFEST = `version: 1
name: pump
paths:
  - delete: { glob: 'pump/old/**', expect: 1 }
  - flatten: { dir: pump/next, into: pump }
edits:
  - yaml.list: { in: .github/workflows/ci.yaml, at: on.push.paths, replace: [{ from: pump/next/**, to: pump/** }] }
commit: { author: { name: Zoë Quill, email: zoe@example.com }, subject: 'pump: the new one' }
`;

let workspace: NxWorkspace;

beforeAll(async () => {
  workspace = await nxWorkspace(await pluginPackage(), {
    'pump/agent.yaml': agent('pump', 'cutover: { manifest: ../cutover.yaml }\n'),
    'pump/old/main.py': 'print()\n',
    'pump/next/main.go': 'package main\n',
    '.github/workflows/ci.yaml': "on:\n  push:\n    paths: ['pump/next/**'] # both\n",
    'cutover.yaml': MANIFEST,
  });
});

const refs = () => workspace.git('for-each-ref', '--format=%(refname)');

test('is explained by Nx', async () => {
  const { output } = await workspace.nx(['run', 'pump:cutover', '--help']);
  expect(output).toMatch(/--apply +.*\[boolean\]/);
  expect(output).toContain('--expectTree');
});

test('prints the plan with its tree, and writes nothing', async () => {
  const { code, output } = await workspace.nx(['run', 'pump:cutover', '--html=plan.html']);
  expect(output).toContain("+    paths: ['pump/**'] # both");
  expect(code).toBe(0);
  expect(readFileSync(join(workspace.dir, 'plan.html'), 'utf8')).toContain('Cutover pump');
  expect(await refs()).toBe('refs/heads/main');
});

test('makes the commit of the approved tree, and no other; it is never answered from a cache', async () => {
  const { output } = await workspace.nx(['run', 'pump:cutover', '--no-diff']);
  const tree = /^tree +(\w{40})$/m.exec(output)?.[1] ?? '';
  const refused = await workspace.nx(['run', 'pump:cutover', '--apply', `--expectTree=${'a'.repeat(40)}`]);
  expect(refused.output).toContain('error CUTOVER_TREE_MISMATCH: ');
  expect([refused.code, await refs()]).toEqual([1, 'refs/heads/main']);
  const applied = await workspace.nx(['run', 'pump:cutover', '--apply', `--expectTree=${tree}`]);
  expect(applied.output).toContain('refs/heads/cutover/pump');
  expect(applied.code).toBe(0);
  expect(await workspace.git('rev-parse', 'cutover/pump^{tree}')).toBe(tree);
  expect(await workspace.git('ls-tree', '-r', '--name-only', 'cutover/pump', 'pump')).toBe(
    'pump/agent.yaml\npump/main.go',
  );
  expect(existsSync(join(workspace.dir, 'pump/main.go'))).toBe(false);
  const again = await workspace.nx(['run', 'pump:cutover', '--apply', `--expectTree=${tree}`]);
  expect(again.output).toContain('already done, nothing changed');
  expect(again.output).not.toContain('read the output from the cache');
});
