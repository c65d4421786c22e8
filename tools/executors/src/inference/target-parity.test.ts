import { posix } from 'node:path';
import { parseAgentManifest } from '@baton/manifest';
import { temporaryDirectory } from '@baton/testkit';
import type { TargetConfiguration } from '@nx/devkit';
import { expect, test } from 'vitest';
import type { Agent, Agents } from './agent.ts';
import { agentDependencies } from './dependencies.ts';
import { targetNames } from './plugin-options.ts';
import { agentProject } from './targets.ts';

const AGENT = (parity: string): string => `
version: 1
name: agent
bundle: { command: [make], outputs: [dist/bundle] }
image: { layers: [{ from: dist/bundle, to: /app }] }
parity: ${parity}
`;

const OTHER = 'version: 1\nname: other\nimage: { layers: [{ from: files, to: / }] }\n';

function agents(parity: string): Agents {
  const files = { 'apps/agent': AGENT(parity), 'apps/other': OTHER };
  return new Map(
    Object.entries(files).map(([root, text]) => {
      const file = posix.join(root, 'agent.yaml');
      return [root, { file, root, manifest: parseAgentManifest(Buffer.from(text), file) } satisfies Agent];
    }),
  );
}

function target(parity: string): TargetConfiguration {
  const all = agents(parity);
  const agent = all.get('apps/agent');
  if (agent === undefined) throw new Error('no agent');
  const context = { workspaceRoot: temporaryDirectory(), nxJson: {}, names: targetNames({}), agents: all };
  const found = agentProject(agent, context).targets?.parity;
  if (found === undefined) throw new Error('no target parity');
  return found;
}

test('runs alone after the image it judges, and is cached with evidence, reports and statement', () => {
  expect(target('{}')).toMatchObject({
    executor: '@baton/nx:parity',
    cache: true,
    parallelism: false,
    dependsOn: ['image'],
    outputs: [
      '{projectRoot}/dist/parity',
      '{projectRoot}/dist/evidence/parity.json',
      '{projectRoot}/dist/evidence/parity.dsse.json',
    ],
  });
});

test('watches scenarios, goldens, costs, the image by its digest, and the day, on which declarations end', () => {
  const { inputs } = target('{}');
  for (const input of [
    '{projectRoot}/agent.yaml',
    '{projectRoot}/parity/scenarios/**/*',
    '{projectRoot}/parity/goldens/**/*',
    '{projectRoot}/parity/costs.json',
    { dependentTasksOutputFiles: 'apps/agent/dist/image/index.json' },
    { runtime: 'date -u +%F' },
  ]) {
    expect(inputs).toContainEqual(input);
  }
});

test('an OLD of another project is built first, and is a dependency of the project', () => {
  const parity = '{ old: { image: ../other/dist/image } }';
  expect(target(parity).dependsOn).toEqual([{ projects: ['other'], target: 'image' }, 'image']);
  const projects = { agent: { root: 'apps/agent' }, other: { root: 'apps/other' } };
  expect(agentDependencies(agents(parity), projects)).toContainEqual(
    expect.objectContaining({ source: 'agent', target: 'other' }),
  );
});

test('a program waits for the bundle that makes it; what only lies there is watched by content', () => {
  const { dependsOn, inputs } = target(
    '{ new: { command: [node, /app/main.cjs], mounts: [{ from: dist/bundle/main.cjs, to: /app/main.cjs }, { from: tools/x, to: /x }, { from: /usr/lib, to: /lib }] } }',
  );
  expect(dependsOn).toEqual(['bundle']);
  expect(inputs).toContainEqual({ dependentTasksOutputFiles: 'apps/agent/dist/bundle/main.cjs' });
  expect(inputs).toContainEqual('{projectRoot}/tools/x');
  expect(JSON.stringify(inputs)).not.toContain('/usr/lib');
});

test('an image of a registry is in the manifest by digest, and needs nothing to be built', () => {
  const parity = `{ new: { image: "ghcr.io/acme/agent@sha256:${'a'.repeat(64)}" } }`;
  expect(target(parity).dependsOn).toEqual([]);
});
