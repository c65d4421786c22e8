import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { AggregateCreateNodesError } from '@nx/devkit';
import { describe, expect, test } from 'vitest';
import * as entry from './index.ts';
import { createDependencies, createNodes } from './plugin.ts';

const [glob, infer] = createNodes;

async function workspace(
  files: Record<string, string>,
): Promise<{ workspaceRoot: string; nxJsonConfiguration: object }> {
  const workspaceRoot = temporaryDirectory();
  await writeFiles(workspaceRoot, files);
  return { workspaceRoot, nxJsonConfiguration: {} };
}

const AGENT = 'version: 1\nname: one\nimage: { repository: example.com/one }\n';

describe('createNodes', () => {
  test('asks for manifests wherever they lie', () => {
    expect(glob).toBe('**/agent.yaml');
  });

  test('makes a project of each', async () => {
    const context = await workspace({ 'agents/one/agent.yaml': AGENT });
    const results = await infer(['agents/one/agent.yaml'], { publishTargetName: 'push' }, context);
    expect(results).toHaveLength(1);
    expect(results[0]?.[0]).toBe('agents/one/agent.yaml');
    const project = results[0]?.[1].projects?.['agents/one'];
    expect(project?.name).toBe('one');
    expect(Object.keys(project?.targets ?? {})).toEqual(['image', 'image-plan', 'push', 'verify']);
  });

  test('tells Nx which files are wrong, in one line each and without a stack, and what was right', async () => {
    const context = await workspace({
      'a/agent.yaml': AGENT,
      'b/agent.yaml': 'version: 1\nname: two\nimagee: {}\n',
      'c/agent.yaml': AGENT,
    });
    const failed = await Promise.resolve()
      .then(() => infer(['a/agent.yaml', 'b/agent.yaml', 'c/agent.yaml'], undefined, context))
      .catch((error: unknown) => error);
    if (!(failed instanceof AggregateCreateNodesError)) throw failed;
    expect(failed.partialResults?.map(([file]) => file)).toEqual(['a/agent.yaml']);
    const errors = failed.errors.map(([file, error]) => [
      file,
      error.message.split('\n')[0],
      error.stack === error.message,
    ]);
    expect(errors).toEqual([
      ['b/agent.yaml', expect.stringMatching(/^b\/agent\.yaml:3:1: .*"imagee".*"image"/), true],
      ['c/agent.yaml', 'c/agent.yaml: the name "one" is taken by a/agent.yaml', true],
    ]);
  });

  test('refuses options it does not have', async () => {
    const context = await workspace({ 'a/agent.yaml': AGENT });
    const wrong: object = { imageTargetname: 'x' };
    await expect(async () => infer(['a/agent.yaml'], wrong, context)).rejects.toThrow(
      'nx.json: @baton/nx has no option "imageTargetname"\n  hint: Did you mean imageTargetName?',
    );
  });
});

test('createDependencies follows manifests that Nx knows of', async () => {
  const manifest = 'version: 1\nname: one\nbundle: { command: [make], inputs: [../../libs/x] }\n';
  const { workspaceRoot } = await workspace({ 'agents/one/agent.yaml': manifest, 'ignored/agent.yaml': 'not: valid' });
  const projects = { one: { root: 'agents/one' }, x: { root: 'libs/x' }, other: { root: 'ignored' } };
  const fileMap = { projectFileMap: { one: [{ file: 'agents/one/agent.yaml', hash: '1' }] }, nonProjectFiles: [] };
  const context = {
    workspaceRoot,
    projects,
    fileMap,
    filesToProcess: fileMap,
    externalNodes: {},
    nxJsonConfiguration: {},
  };
  expect(await createDependencies(undefined, context)).toEqual([
    { source: 'one', target: 'x', sourceFile: 'agents/one/agent.yaml', type: 'static' },
  ]);
});

test("the package's entry is the plugin", () => {
  expect(entry).toMatchObject({ name: '@baton/nx', createNodes, createDependencies });
});
