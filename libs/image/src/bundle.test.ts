import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleMaterials, runBundle } from './bundle.ts';
import { type TestProject, testProject } from './project.fixture.ts';

async function withBundle(source: string, more: Record<string, unknown> = {}): Promise<TestProject> {
  const project = await testProject({}, { bundle: { command: ['node', 'make.mjs'], ...more } });
  const head = "import { mkdirSync, writeFileSync } from 'node:fs'; mkdirSync('dist/bundle', { recursive: true });\n";
  await project.write({ 'make.mjs': head + source });
  return project;
}

async function run(project: TestProject): Promise<void> {
  await runBundle(await project.load(), project.io);
}

test('the command sees an ordinary environment and the epoch, nothing of ours', async () => {
  const project = await withBundle(
    "writeFileSync('dist/bundle/env.json', JSON.stringify({ env: process.env, node: process.execPath }));",
  );
  project.io.env.SOURCE_DATE_EPOCH = '7';
  process.env.BATON_TEST_SECRET = 'must not be seen';
  await run(project).finally(() => delete process.env.BATON_TEST_SECRET);
  const seen = JSON.parse((await project.read('dist/bundle/env.json')).toString()) as {
    env: NodeJS.ProcessEnv;
    node: string;
  };
  expect(seen.env).toMatchObject({ SOURCE_DATE_EPOCH: '7', LC_ALL: 'C' });
  expect(seen.env).not.toHaveProperty('BATON_TEST_SECRET');
  expect(seen.node).toBe(process.execPath);
});

test('a metafile that is named must be made', async () => {
  const project = await withBundle('', { metafile: 'dist/bundle/meta.json' });
  await expect(run(project)).rejects.toMatchObject({
    code: 'BUNDLE_FAILED',
    message: expect.stringContaining('meta.json'),
  });
});

test('a program that does not exist is missing', async () => {
  const project = await testProject({}, { bundle: { command: ['no-such-program'] } });
  await expect(run(project)).rejects.toMatchObject({
    code: 'TOOL_MISSING',
    message: expect.stringMatching(/^bundle\.command in agent\.yaml: .*"no-such-program"/),
    hint: expect.stringContaining('correct the command'),
  });
});

test('an interruption ends it', async () => {
  const project = await withBundle('setInterval(() => {}, 1000);');
  const stop = new AbortController();
  const io = { ...project.io, signal: stop.signal, emit: () => stop.abort() };
  await expect(runBundle(await project.load(), io)).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

test('its files are materials, its metafile is not', async () => {
  const project = await withBundle(
    "mkdirSync('dist/bundle/deep'); for (const n of ['a', 'deep/b', 'meta.json']) writeFileSync('dist/bundle/' + n, n);",
    { outputs: ['dist/bundle', 'dist/bundle/a'], metafile: 'dist/bundle/meta.json' },
  );
  expect(await bundleMaterials(await project.load())).toEqual([]);
  await run(project);
  const names = (await bundleMaterials(await project.load())).map(({ name }) => name);
  expect(names.sort()).toEqual(['dist/bundle/a', 'dist/bundle/a', join('dist/bundle/deep/b')]);
  const none = await testProject();
  expect(await bundleMaterials(await none.load())).toEqual([]);
});
