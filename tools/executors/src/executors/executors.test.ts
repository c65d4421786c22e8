import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startRegistryServer, type TestRepository, temporaryDirectory, temporaryRepository } from '@baton/testkit';
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  imageBatchExecutor,
  imageExecutor,
  imagePlanBatchExecutor,
  imagePlanExecutor,
  publishBatchExecutor,
  publishExecutor,
} from './index.ts';

const AGENT = (name: string, from = 'files'): string => `
version: 1
name: ${name}
image:
  repository: registry.example/${name}
  version: 1.2.3
  layers: [{ from: ${from}, to: /files }]
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
    '.gitignore': 'dist\n',
    'agents/one/agent.yaml': AGENT('one'),
    'agents/one/files/x': 'x',
    'agents/two/agent.yaml': AGENT('two'),
    'agents/two/files/x': 'y',
    'agents/broken/agent.yaml': AGENT('broken', 'absent'),
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function context(projectName: string): ExecutorContext {
  const names = ['one', 'two', 'broken'];
  return {
    root: workspace.dir,
    cwd: workspace.dir,
    isVerbose: false,
    projectName,
    targetName: 'image',
    projectsConfigurations: {
      version: 2,
      projects: Object.fromEntries(names.map((name) => [name, { root: `agents/${name}` }])),
    },
    nxJsonConfiguration: {},
    projectGraph: { nodes: {}, dependencies: {} },
  };
}

function graph(target: string, dependencies: Record<string, string[]>): TaskGraph {
  const ids = Object.keys(dependencies);
  const tasks: TaskGraph['tasks'] = {};
  for (const id of ids) {
    const [project = ''] = id.split(':');
    tasks[id] = { id, target: { project, target }, overrides: {}, outputs: [], cache: true, parallelism: true };
  }
  return { roots: ids, tasks, dependencies, continuousDependencies: {} };
}

type Batch = typeof imageBatchExecutor;

async function batch(
  executor: Batch,
  tasks: TaskGraph,
  options: Record<string, object> = {},
): Promise<Map<string, { success: boolean; terminalOutput: string; status?: string }>> {
  const results = await executor(tasks, options, {}, context(''));
  if (!(Symbol.asyncIterator in results)) throw new Error('a batch yields its results one by one');
  const ended = new Map();
  for await (const { task, result } of results) ended.set(task, result);
  return ended;
}

function layout(name: string): string {
  return join(workspace.dir, 'agents', name, 'dist/image/index.json');
}

describe('image', () => {
  test('builds the layout and its statement, and says what it made', async () => {
    expect(await imageExecutor({}, context('one'))).toEqual({ success: true });
    const [{ digest }] = JSON.parse(await readFile(layout('one'), 'utf8')).manifests;
    expect(printed).toContain(digest);
    expect(existsSync(join(workspace.dir, 'agents/one/dist/evidence/image.json'))).toBe(true);
  });

  test('fails with one line that names code and place', async () => {
    expect(await imageExecutor({}, context('broken'))).toEqual({ success: false });
    expect(printed).toMatch(/^error LAYER_SOURCE_MISSING: .*absent/m);
    expect(printed).not.toMatch(/^\s+at /m);
  });

  test('in a batch, a failure stays with its task and those that wait for it', async () => {
    const tasks = graph('image', {
      'broken:image': [],
      'one:image': ['broken:image'],
      'two:image': ['elsewhere:bundle'],
    });
    const ended = await batch(imageBatchExecutor, tasks);
    expect(ended.get('broken:image')).toMatchObject({ success: false });
    expect(ended.get('broken:image')?.terminalOutput).toMatch(/^error LAYER_SOURCE_MISSING: /m);
    expect(ended.get('one:image')).toEqual({ success: false, status: 'skipped', terminalOutput: '' });
    expect(ended.get('two:image')).toMatchObject({ success: true });
    expect(existsSync(layout('one'))).toBe(false);
    expect(existsSync(layout('two'))).toBe(true);
    expect(printed).toBe('');
  });

  test('in a batch, wrong options fail their own task', async () => {
    const tasks = graph('image', { 'one:image': [], 'two:image': [] });
    const ended = await batch(imageBatchExecutor, tasks, { 'one:image': { relase: '1.0.0' } });
    expect(ended.get('one:image')?.terminalOutput).toBe(
      'error USAGE: image has no option "relase"\n  hint: Did you mean release?\n',
    );
    expect(ended.get('two:image')?.success).toBe(true);
  });

  test.each([
    ['--dry-run', { 'dry-run': true }, ''],
    ['--dryRun=true', { dryRun: 'true' }, ''],
    ['NX_DRY_RUN', {}, 'true'],
  ])('refuses %s and says where the plan is', async (_title, options, env) => {
    vi.stubEnv('NX_DRY_RUN', env);
    expect(await imageExecutor(options, context('one'))).toEqual({ success: false });
    expect(printed).toContain('image of one: this target is cached, so it has no dry run');
    expect(printed).toContain('npx nx run one:image-plan');
    expect(existsSync(layout('one'))).toBe(false);
  });
});

describe('image-plan', () => {
  test.each([
    ['', {}],
    ['with --dry-run', { dryRun: true }],
  ])('prints what would be built and writes nothing %s', async (_title, options) => {
    expect(await imagePlanExecutor(options, context('one'))).toEqual({ success: true });
    expect(printed).toContain('files files -> /files');
    expect(existsSync(join(workspace.dir, 'agents/one/dist'))).toBe(false);
  });

  test('fails where the build would', async () => {
    const ended = await batch(imagePlanBatchExecutor, graph('image-plan', { 'broken:image-plan': [] }));
    expect(ended.get('broken:image-plan')?.terminalOutput).toMatch(/^error LAYER_SOURCE_MISSING: /m);
  });
});

describe('publish', () => {
  async function withRegistry(work: (tags: () => string[]) => Promise<void>): Promise<void> {
    const registry = await startRegistryServer();
    try {
      await workspace.commit('here', {
        'agents/one/agent.yaml': AGENT('one').replace('registry.example', registry.host),
      });
      await work(() => registry.log.filter(({ method }) => method === 'PUT').map(({ path }) => path));
    } finally {
      await registry.stop();
    }
  }

  test('pushes what was built, once', async () => {
    await withRegistry(async (puts) => {
      await imageExecutor({}, context('one'));
      expect(await publishExecutor({ tag: '{version}' }, context('one'))).toEqual({ success: true });
      expect(printed).toMatch(/^published .*\/one:1\.2\.3@sha256:/m);
      const before = puts().length;
      const ended = await batch(publishBatchExecutor, graph('publish', { 'one:publish': [] }), {
        'one:publish': { tag: ['{version}'] },
      });
      expect(ended.get('one:publish')?.terminalOutput).toMatch(/^already published /m);
      expect(puts()).toHaveLength(before);
    });
  });

  test('with --dry-run prints what it would push', async () => {
    await withRegistry(async (puts) => {
      await imageExecutor({}, context('one'));
      expect(await publishExecutor({ dryRun: true }, context('one'))).toEqual({ success: true });
      expect(printed).toMatch(/to send/);
      expect(puts()).toEqual([]);
    });
  });

  test('wants an image', async () => {
    expect(await publishExecutor({}, context('one'))).toEqual({ success: false });
    expect(printed).toMatch(/^error IMAGE_NOT_BUILT: /m);
  });
});
