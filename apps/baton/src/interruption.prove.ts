import { createHash, generateKeyPairSync } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDigest } from '@baton/kernel';
import {
  type ChildCommand,
  failAt,
  killMatrix,
  needs,
  proofSample,
  runNode,
  runWithEffects,
  startDockerRegistry,
  startRegistryServer,
  type TestRegistry,
  temporaryDirectory,
  temporaryRepository,
  withTmpfs,
} from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const MINUTES = 60_000;
const LAYER = 'a program of the agent\n'.repeat(5000);

let registry: TestRegistry;
let key = '';
beforeAll(async () => {
  // The harder of both kinds: tags list what refers to an image, and each is read, changed and written.
  registry = await startRegistryServer({ referrers: false });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  key = join(temporaryDirectory('proof-key'), 'key.pem');
  await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
});
afterAll(() => registry.stop());

/** One fresh project with a cache and a repository of its own, and the command that builds and publishes it. */
interface World {
  dir: string;
  cache: string;
  repository: string;
  command: ChildCommand;
}

let worlds = 0;

async function world(options: { host?: string } = {}): Promise<World> {
  worlds += 1;
  const repository = `proof/agent-${worlds}`;
  const { dir } = await temporaryRepository({
    'agent.yaml': [
      'version: 1',
      'name: proof-agent',
      'bundle: { command: [sh, make.sh], inputs: [make.sh, source.txt] }',
      'image:',
      // Named by the option below, so that every world has the same bytes and the same commit.
      '  repository: registry.invalid/proof-agent',
      '  version: 1.2.0',
      '  platforms: [linux/amd64, linux/arm64]',
      '  layers:',
      '    - { from: dist/bundle, to: /app }',
      '    - { from: data, to: /data }',
      '  entrypoint: [/app/main.txt]',
      '  tags: ["{version}", "{major}.{minor}", latest]',
    ].join('\n'),
    'make.sh': 'mkdir -p dist/bundle && cp source.txt dist/bundle/main.txt\n',
    'source.txt': LAYER,
    'data/table.txt': 'a table\n',
    '.gitignore': 'dist\n',
  });
  const cache = temporaryDirectory('proof-cache');
  const command = {
    script: MAIN,
    args: ['image', 'publish', '--build', '--json', '--repository', `${options.host ?? registry.host}/${repository}`],
    // Signed, with a key whose signatures differ each time they are made.
    options: { cwd: dir, env: { BATON_CACHE_DIR: cache, BATON_SIGNING_KEY: key } },
  };
  return { dir, cache, repository, command };
}

interface Published {
  index: { digest: string };
  unchanged: boolean;
}

async function finish({ command }: World): Promise<Published> {
  const run = await runNode(command.script, command.args, command.options);
  expect(run.code, run.stderr.toString()).toBe(0);
  return (JSON.parse(run.stdout.toString()) as { result: Published }).result;
}

/** Whatever a tag names must be there, whole, at any time: an interrupted publish may leave anything but a broken tag. */
async function expectWholeTags(repository: string): Promise<string[]> {
  const { store } = registry;
  // What is attached is under tags of digests: see expectAttached.
  const tags = (await store.tags(repository).catch(() => [])).filter((tag) => !/^sha256-/.test(tag));
  for (const tag of tags) {
    const index = await store.manifest(repository, tag);
    const { manifests } = JSON.parse(index?.bytes.toString() ?? '{}') as { manifests: { digest: string }[] };
    expect(manifests).toHaveLength(2);
    for (const { digest } of manifests) {
      const manifest = await store.manifest(repository, digest);
      const { config, layers } = JSON.parse(manifest?.bytes.toString() ?? '{}') as {
        config: { digest: string; size: number };
        layers: { digest: string; size: number }[];
      };
      for (const blob of [config, ...layers]) {
        if (!isDigest(blob.digest)) throw new Error(`${blob.digest} is no digest`);
        expect(await store.blobSize(repository, blob.digest)).toBe(blob.size);
      }
    }
  }
  return tags;
}

/** Everything that belongs to a published image hangs on it, once, is whole, and is signed; cosign finds it too. */
async function expectAttached(repository: string): Promise<void> {
  const run = await runNode(MAIN, [
    'image',
    'inspect',
    '--json',
    '--key',
    key,
    `${registry.host}/${repository}:latest`,
  ]);
  expect(run.code, run.stdout.toString()).toBe(0);
  const { attached, signatures } = (JSON.parse(run.stdout.toString()) as { result: Inspected }).result;
  const found = attached.map(({ kind, of, signature, problem }) =>
    `${kind} ${of} ${signature} ${problem ?? ''}`.trim(),
  );
  // A run that was ended after it had written one and before it had listed it leaves one that nobody sees.
  expect(found.sort()).toEqual([
    'provenance index valid',
    'sbom linux/amd64 valid',
    'sbom linux/arm64 valid',
    'statement index valid',
  ]);
  expect(signatures.map(({ state }) => state)).toEqual(['valid']);
  const cosign = (await registry.store.tags(repository)).filter((tag) => /^sha256-.*\.(?:att|sig)$/.test(tag));
  expect(cosign).toHaveLength(4);
}

interface Inspected {
  attached: { kind: string; of: string; signature?: string; problem?: string }[];
  signatures: { state: string }[];
}

async function names(dir: string): Promise<string[]> {
  return (await readdir(dir, { recursive: true })).sort();
}

/** The final state: the right digest under every tag, each blob whole, nothing half-made on disk, nothing left to do. */
async function expectFinished(state: World, expected: string): Promise<void> {
  const first = await finish(state);
  expect(first.index.digest).toBe(expected);
  expect(await expectWholeTags(state.repository)).toEqual(['1.2', '1.2.0', 'latest']);
  for (const tag of ['1.2', '1.2.0', 'latest']) {
    expect((await registry.store.manifest(state.repository, tag))?.digest).toBe(expected);
  }
  await expectAttached(state.repository);
  const left = [...(await names(join(state.dir, 'dist'))), ...(await names(state.cache))];
  expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  const blobs = join(state.dir, 'dist/image/blobs/sha256');
  for (const name of await readdir(blobs)) {
    expect(
      createHash('sha256')
        .update(await readFile(join(blobs, name)))
        .digest('hex'),
    ).toBe(name);
  }
  // Index, and per platform a manifest and a config; two layers that both platforms share.
  expect(await readdir(blobs)).toHaveLength(7);
  expect((await finish(state)).unchanged).toBe(true);
}

let reference = '';
beforeAll(async () => {
  reference = (await finish(await world())).index.digest;
});

describe('killed at any effect of build and publish', () => {
  test(
    'nothing that a tag names is broken, and a second run finishes',
    async () => {
      const points = await killMatrix(
        () => world(),
        async (state) => {
          await expectWholeTags(state.repository);
          await expectFinished(state, reference);
        },
        { choose: (_, i) => proofSample([...Array(1000).keys()], 20).includes(i) },
      );
      console.log(`killed at ${points.length} points`);
      expect(points.length).toBeGreaterThan(10);
    },
    20 * MINUTES,
  );
});

describe('a disk that fills up', () => {
  test(
    'at any write is one DISK_FULL error, and a second run finishes',
    async () => {
      const traced = await runWithEffects((await world()).command);
      const writes = traced.effects.filter(({ kind }) => kind === 'write' || kind === 'mkdir' || kind === 'link');
      expect(writes.length).toBeGreaterThan(10);
      for (const { n, target } of proofSample(writes, 10)) {
        const state = await world();
        const run = await failAt(state.command, n, 'ENOSPC');
        const { ok, error } = JSON.parse(run.stdout.toString()) as { ok: boolean; error?: { code: string } };
        // What only saves work for the next run (memos, stamps) may be lost without failing this one.
        if (!ok) expect({ code: error?.code, exit: run.code, target }).toEqual({ code: 'DISK_FULL', exit: 3, target });
        await expectFinished(state, reference);
      }
    },
    20 * MINUTES,
  );

  needs('tmpfs')(
    'for real (a small tmpfs as cache): DISK_FULL, nothing half-made, and with room it finishes',
    async () => {
      const state = await world();
      await withTmpfs('16k', async (small) => {
        const tight = {
          ...state.command,
          options: {
            ...state.command.options,
            env: { ...state.command.options?.env, BATON_CACHE_DIR: join(small, 'c') },
          },
        };
        const run = await runNode(tight.script, tight.args, tight.options);
        expect(JSON.parse(run.stdout.toString())).toMatchObject({
          ok: false,
          error: { code: 'DISK_FULL', exitCode: 3 },
        });
        expect((await names(small)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      });
      await expectFinished(state, reference);
    },
    MINUTES,
  );
});

describe('several at once', () => {
  test(
    'eight builds and publishes of one project: one result, nothing half-made',
    async () => {
      const state = await world();
      const results = await Promise.all(Array.from({ length: 8 }, () => finish(state)));
      expect(new Set(results.map((result) => result.index.digest))).toEqual(new Set([reference]));
      await expectFinished(state, reference);
    },
    5 * MINUTES,
  );
});

describe('a registry that is restarted in the middle', () => {
  test(
    'before any request: the publish finishes or says so, and a second run finishes',
    async () => {
      const traced = await runWithEffects((await world()).command);
      const requests = traced.effects.filter(({ kind }) => kind === 'request').length;
      expect(requests).toBeGreaterThan(8);
      for (const skip of proofSample([...Array(requests).keys()], 10)) {
        const state = await world();
        registry.clearFaults();
        registry.inject({ path: state.repository }, { kind: 'after', run: () => registry.restart() }, { skip });
        const run = await runNode(state.command.script, state.command.args, state.command.options);
        if (run.code !== 0) {
          const { error } = JSON.parse(run.stdout.toString()) as { error: { code: string } };
          expect(error.code).toMatch(/^(REGISTRY_UNREACHABLE|UPLOAD_LOST)$/);
        }
        await expectWholeTags(state.repository);
        await expectFinished(state, reference);
      }
    },
    20 * MINUTES,
  );

  needs('docker-registry')(
    "Debian's registry, killed and started again while a publish runs",
    async () => {
      const real = await startDockerRegistry();
      try {
        const state = await world({ host: real.host });
        const [run] = await Promise.all([
          runNode(state.command.script, state.command.args, state.command.options),
          real.restart(),
        ]);
        if (run.code !== 0) {
          const { error } = JSON.parse(run.stdout.toString()) as { error: { code: string } };
          expect(error.code).toMatch(/^(REGISTRY_UNREACHABLE|UPLOAD_LOST)$/);
        }
        expect((await finish(state)).index.digest).toMatch(/^sha256:/);
        expect((await finish(state)).unchanged).toBe(true);
      } finally {
        await real.stop();
      }
    },
    5 * MINUTES,
  );
});
