import { readFileSync, rmSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage } from '@baton/image';
import { silent, toolEnv } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import {
  startRegistryServer,
  type TestRegistry,
  type TestRepository,
  temporaryDirectory,
  temporaryRepository,
} from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandPackage, pluginPackage } from './artefacts.ts';
import { longTests } from './long.ts';
import { builtDigest, type NxRun, nxEnv, run, runNx } from './nx-workspace.ts';

const NODES = ['22.23.3', '24.21.0'];

longTests('the published packages, installed by npm', ['npm'], () => {
  let registry: TestRegistry;
  let nodes: Map<string, string>;
  let expected: string;
  let workspace: TestRepository;
  const caches = temporaryDirectory('caches');

  beforeAll(async () => {
    registry = await startRegistryServer();
    nodes = new Map();
    for (const version of NODES) nodes.set(version, await installNode(version));
    workspace = await temporaryRepository({
      '.gitignore': 'node_modules\n.nx\n',
      'nx.json': '{ "analytics": false, "neverConnectToCloud": true }\n',
      'package.json': JSON.stringify({
        name: 'workspace',
        private: true,
        devDependencies: { nx: '23.2.1', '@nx/devkit': '23.2.1' },
      }),
      // Before the generator has put it into the workspace's own: an untracked bundle would make the revision dirty.
      'agents/one/.gitignore': 'dist\n',
      'agents/one/agent.yaml': manifest(registry.host),
      'agents/one/make.mjs': `import { cpSync } from 'node:fs';\ncpSync('src', 'dist/bundle', { recursive: true });\nconsole.log('made by', process.version);\n`,
      'agents/one/src/main.cjs': 'console.log("hello");\n',
    });
    await npm(['install'], workspace.dir);
    expected = await builtFromSource(join(workspace.dir, 'agents/one'));
  }, 600_000);

  afterAll(async () => {
    await registry?.stop();
  });

  describe('the plugin in an empty Nx workspace', () => {
    let tarball: string;

    beforeAll(async () => {
      tarball = await pack(await pluginPackage());
    });

    const nx = (node: string, ...args: string[]): Promise<NxRun> =>
      runNx(workspace.dir, join(caches, `plugin-${node}`), args, {}, nodes.get(node));

    test('is added by "nx add", and adding it again changes nothing', async () => {
      const add = (): Promise<unknown> => nx('24.21.0', 'add', `@baton/nx@file:${tarball}`);
      const files = (): string[] =>
        ['nx.json', '.gitignore'].map((file) => readFileSync(join(workspace.dir, file), 'utf8'));
      expect(await add()).toMatchObject({ code: 0 });
      const first = files();
      expect(JSON.parse(first[0] ?? '')).toMatchObject({ plugins: ['@baton/nx'] });
      expect(first[1]).toBe('node_modules\n.nx\ndist/\n');
      expect(await add()).toMatchObject({ code: 0 });
      expect(files()).toEqual(first);
      await workspace.commit('baton');
    }, 300_000);

    test.each(NODES)('builds under Node %s what the source builds, and publishes it once', async (node) => {
      rmSync(join(workspace.dir, 'agents/one/dist'), { recursive: true, force: true });
      const published = await nx(node, 'run', 'one:publish', '--output-style=static');
      expect(published).toMatchObject({ code: 0 });
      expect(published.output).toContain(`made by v${node}`);
      expect(builtDigest(join(workspace.dir, 'agents/one'))).toBe(expected);
      expect(published.output).toContain(`/one:1.0.0@${expected}`);
      expect((await nx(node, 'run', 'one:publish', '--output-style=static')).output).toContain('already published');
      expect(await nx(node, 'run', 'one:verify', '--output-style=static')).toMatchObject({ code: 0 });
    }, 60_000);

    test('explains its options', async () => {
      const { output } = await nx('24.21.0', 'run', 'one:image', '--help');
      expect(output).toContain('Build the image of an agent');
    });
  });

  describe('the command in an empty folder', () => {
    let baton: string;

    beforeAll(async () => {
      const folder = temporaryDirectory('command');
      await writeFile(join(folder, 'package.json'), '{ "private": true }');
      await npm(['install', await pack(await commandPackage())], folder);
      baton = join(folder, 'node_modules/.bin/baton');
    }, 60_000);

    test.each(NODES)('builds and publishes under Node %s', async (node) => {
      const project = join(workspace.dir, 'agents/one');
      rmSync(join(project, 'dist'), { recursive: true, force: true });
      const command = nodes.get(node) ?? '';
      const env = nxEnv(join(caches, `command-${node}`), command);
      await run(command, [baton, 'image', 'build'], project, env);
      expect(builtDigest(project)).toBe(expected);
      const said = await run(command, [baton, 'image', 'publish', '--json'], project, env);
      expect(said).toContain(expected);
    });
  });
});

function manifest(host: string): string {
  return `version: 1
name: one
bundle: { command: [node, make.mjs], inputs: [src, make.mjs] }
image:
  repository: ${host}/one
  version: 1.0.0
  platforms: [linux/amd64, linux/arm64]
  layers:
    - { from: dist/bundle, to: /app }
    - { from: src, to: /src, compression: { algorithm: zstd } }
  tags: ["{version}"]
`;
}

// The library as it is in this repository, on the same project: what the packages have to match.
async function builtFromSource(project: string): Promise<string> {
  const loaded = await loadManifest(project);
  const options = { locked: false, force: false, bundle: true, dryRun: false };
  const io = { emit: silent, cacheDir: temporaryDirectory('source-cache'), env: toolEnv() };
  return (await buildImage(loaded, options, io)).index.digest;
}

async function pack(directory: string): Promise<string> {
  const to = temporaryDirectory('packed');
  const said = await npm(['pack', directory, '--pack-destination', to], to);
  return join(to, said.trim().split('\n').at(-1) ?? '');
}

async function installNode(version: string): Promise<string> {
  const folder = temporaryDirectory('node');
  const name = `node-linux-${process.arch}`;
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  await npm(['install', `${name}@${version}`], folder);
  const binary = join(folder, 'node_modules', name, 'bin/node');
  await chmod(binary, 0o755);
  return binary;
}

async function npm(args: string[], cwd: string): Promise<string> {
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  // A download that stands still is asked for again after a minute, not after five; versions are pinned, so what is there will do.
  const patient = ['--prefer-offline', '--fetch-timeout=60000', '--fetch-retries=6', '--fetch-retry-mintimeout=1000'];
  return await run('npm', [...args, ...quiet, ...patient], cwd);
}
