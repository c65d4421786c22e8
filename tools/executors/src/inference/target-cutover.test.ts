import { parseAgentManifest } from '@baton/manifest';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import type { Agent } from './agent.ts';
import { targetNames } from './plugin-options.ts';
import { agentProject } from './targets.ts';

function targets(text: string, options: object = {}) {
  const manifest = parseAgentManifest(Buffer.from(`version: 1\nname: pump\n${text}`), 'agent.yaml');
  const agent: Agent = { file: 'apps/pump/agent.yaml', root: 'apps/pump', manifest };
  const agents = new Map([['apps/pump', agent]]);
  const context = { workspaceRoot: temporaryDirectory(), nxJson: {}, names: targetNames(options), agents };
  return agentProject(agent, context).targets ?? {};
}

test('an agent with a cutover has a target that no cache answers for, and that runs alone', () => {
  const { cutover } = targets('cutover: { manifest: ../../cutover.yaml }\n');
  expect(cutover).toMatchObject({ executor: '@baton/nx:cutover', cache: false, parallelism: false, options: {} });
  expect(cutover?.outputs).toBeUndefined();
  expect(cutover?.metadata?.description).toContain('pump');
  expect(cutover?.metadata?.help?.command).toBe('npx nx run pump:cutover --help');
});

test('one without has none, and the name is that of nx.json', () => {
  expect(targets('image: { layers: [{ from: files, to: / }] }\n')).not.toHaveProperty('cutover');
  const named = targets('cutover: {}\n', { cutoverTargetName: 'switch' });
  expect(named).toHaveProperty('switch');
  expect(named).not.toHaveProperty('cutover');
});
