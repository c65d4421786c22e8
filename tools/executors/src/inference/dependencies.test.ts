import { parseAgentManifest } from '@baton/manifest';
import { expect, test } from 'vitest';
import type { Agents } from './agent.ts';
import { agentDependencies } from './dependencies.ts';

const MANIFEST = `
version: 1
name: agent
bundle: { command: [node, ../../tools/bundle.mjs], inputs: [src, ../../libs/kernel/src, ../../package-lock.json] }
image:
  base: { layout: ../../containers/base/dist/image }
  layers: [{ from: ../../assets/icons, to: /icons }, { from: dist/bundle, to: /app }]
`;

const file = 'apps/agent/agent.yaml';
const agents: Agents = new Map([
  ['apps/agent', { file, root: 'apps/agent', manifest: parseAgentManifest(Buffer.from(MANIFEST), file) }],
]);

function targets(projects: Record<string, string>): unknown[] {
  const byName = Object.fromEntries(Object.entries(projects).map(([name, root]) => [name, { root }]));
  return agentDependencies(agents, byName);
}

test('an agent depends on each project that holds something it is made of', () => {
  const edge = (target: string): object => ({ source: '@acme/agent', target, sourceFile: file, type: 'static' });
  expect(
    targets({
      '@acme/agent': 'apps/agent',
      kernel: 'libs/kernel',
      libs: 'libs',
      base: 'containers/base',
      assets: 'assets',
      unrelated: 'libs/kern',
    }),
  ).toEqual([edge('kernel'), edge('assets'), edge('base')]);
});

test('the root project holds what no other does', () => {
  expect(targets({ agent: 'apps/agent', root: '.' })).toEqual([
    { source: 'agent', target: 'root', sourceFile: file, type: 'static' },
  ]);
});

test('a manifest whose project was renamed away or excluded has no edges', () => {
  expect(targets({ kernel: 'libs/kernel' })).toEqual([]);
});
