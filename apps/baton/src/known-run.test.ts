import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess, toolEnv } from '@baton/kernel';
import { startRegistryServer, type TestRegistry, temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleCli } from '../../../tools/bundle/cli.ts';

let registry: TestRegistry;
let program = '';
beforeAll(async () => {
  registry = await startRegistryServer();
  program = (await bundleCli(temporaryDirectory('bundle'))).program;
});
afterAll(() => registry.stop());

async function project() {
  const cache = temporaryDirectory('cache');
  const { dir } = await temporaryRepository({
    'agent.yaml': `version: 1
name: known
image:
  repository: ${registry.host}/known/agent
  layers: [{ from: files, to: /app }]
  tags: [edge]
`,
    'files/one.txt': 'one\n',
    '.gitignore': 'dist\n',
  });
  const baton = async (...args: string[]) => {
    const env = toolEnv({ BATON_CACHE_DIR: cache });
    const run = await runProcess({ command: process.execPath, args: [program, ...args, '--json'], cwd: dir, env });
    return {
      code: run.code,
      document: JSON.parse(run.stdout.toString()) as {
        ok: boolean;
        result?: Answer;
        error?: { code: string; message: string };
      },
    };
  };
  const memos = (): string[] => readdirSync(join(cache, 'v1', 'manifests'));
  return { dir, cache, baton, memos };
}

interface Answer {
  unchanged: boolean;
  index: { digest: string };
}

test('the second run reads the checked manifest from the cache and comes to what a full run comes to', async () => {
  const { dir, cache, baton, memos } = await project();
  const first = await baton('image', 'publish', '--build');
  expect(first).toMatchObject({ code: 0, document: { ok: true, result: { unchanged: false } } });
  expect(memos()).toHaveLength(1);
  writeFileSync(join(dir, 'files/one.txt'), 'two\n');
  const known = await baton('image', 'publish', '--build');
  expect(known.document.result?.index.digest).not.toBe(first.document.result?.index.digest);
  // The same by the full path: without the memo, in a fresh cache.
  const { digest } = known.document.result?.index ?? {};
  const built = await baton('image', 'build', '--force');
  expect(built.document.result?.index.digest).toBe(digest);
  expect(readFileSync(join(cache, 'v1', 'manifests', memos()[0] ?? ''), 'utf8')).toContain('"name":"known"');
});

test('a manifest that changed is read and checked in full', async () => {
  const { dir, baton, memos } = await project();
  await baton('image', 'build');
  writeFileSync(join(dir, 'agent.yaml'), 'version: 1\nname: known\nimage: { layer: [] }\n');
  const broken = await baton('image', 'build');
  expect(broken).toMatchObject({ code: 2, document: { ok: false, error: { code: 'MANIFEST_INVALID' } } });
  expect(broken.document.error?.message).toContain('layers');
  expect(memos()).toHaveLength(1);
});

test('a damaged memo is no memo', async () => {
  const { dir, cache, baton, memos } = await project();
  await baton('image', 'build');
  writeFileSync(join(cache, 'v1', 'manifests', memos()[0] ?? ''), '{"version":');
  writeFileSync(join(dir, 'files/one.txt'), 'three\n');
  expect(await baton('image', 'build')).toMatchObject({ code: 0, document: { result: { unchanged: false } } });
});
