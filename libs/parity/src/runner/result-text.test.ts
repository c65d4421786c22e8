import { loadManifest } from '@baton/manifest';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { plain, result, verdict } from '../report/test-results.ts';
import { resultText } from './result-text.ts';

const rerun = (id: string): string => `again ${id}`;

async function drawn(env: NodeJS.ProcessEnv): Promise<string> {
  const dir = temporaryDirectory('result-text');
  await writeFiles(dir, { 'agents/a/agent.yaml': 'version: 1\nname: a\nparity: { new: { command: [/bin/true] } }\n' });
  const project = await loadManifest(`${dir}/agents/a`);
  const diverged = result([verdict('rc/two', { divergences: [plain('exit', 'run1/exit')] })], { exitCode: 1 });
  return resultText(project, diverged, { rerun, env: { GITHUB_WORKSPACE: dir, ...env } });
}

test('outside of GitHub it is the report alone, with the command and the page', async () => {
  const text = await drawn({});
  expect(text).toContain('rerun: again rc/two');
  expect(text).toContain('dist/parity/report.html');
  expect(text).not.toContain('::error');
});

test('in GitHub Actions annotations follow, outside of the stopped commands, and name the file in the repository', async () => {
  const text = await drawn({ GITHUB_ACTIONS: 'true' });
  const lines = text.trimEnd().split('\n');
  const token = /^::stop-commands::(.+)$/m.exec(text)?.[1];
  const annotation = lines.findIndex((line) => line.startsWith('::error file=agents/a/parity/scenarios/rc/two.yaml'));
  expect(token).toBeDefined();
  expect(annotation).toBeGreaterThan(lines.indexOf(`::${token}::`));
});
