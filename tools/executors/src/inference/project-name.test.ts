import { parseAgentManifest } from '@baton/manifest';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { projectName } from './project-name.ts';

const manifest = parseAgentManifest(Buffer.from('version: 1\nname: agent\n'), 'apps/a/agent.yaml');
const agent = { file: 'apps/a/agent.yaml', root: 'apps/a', manifest };

test.each([
  ['nothing else', {}, 'agent'],
  ['a package', { 'package.json': '{"name":"@acme/agent"}' }, '@acme/agent'],
  ['a package with a name for Nx', { 'package.json': '{"name":"@acme/agent","nx":{"name":"short"}}' }, 'short'],
  ['a project', { 'project.json': '{"name":"project"}', 'package.json': '{"name":"@acme/agent"}' }, 'project'],
  ['a project without a name', { 'project.json': '{}' }, 'agent'],
  ['a broken file', { 'package.json': '{', 'project.json': 'null' }, 'agent'],
])('with %s', async (_title, files: Record<string, string>, expected) => {
  const root = temporaryDirectory();
  await writeFiles(root, Object.fromEntries(Object.entries(files).map(([file, text]) => [`apps/a/${file}`, text])));
  expect(projectName(root, agent)).toBe(expected);
});
