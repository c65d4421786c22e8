import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStatement } from '@baton/evidence';
import { digestHex, sha256 } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import { buildImage } from './build-image.ts';
import { baseLayout, buildOptions, type TestProject, TWO_PLATFORMS, testProject } from './project.fixture.ts';
import { readLayoutImage } from './sparse-layout.ts';
import type { BuildResult } from './types.ts';
import { unchangedBuild } from './unchanged.ts';

async function build(project: TestProject, changes: Parameters<typeof buildOptions>[0] = {}): Promise<BuildResult> {
  return await buildImage(await project.load(), buildOptions(changes), project.io);
}

describe('an image on scratch', () => {
  test('is a complete layout: index, a manifest per platform, own layers, shared ones once', async () => {
    const project = await testProject();
    const result = await build(project);
    const { layout, image } = await readLayoutImage(result.layout);
    expect(image.index.descriptor).toEqual(result.index);
    expect(image.platforms.map((p) => p.platform.architecture)).toEqual(['amd64', 'arm64']);
    const [amd64, arm64] = image.platforms;
    expect(amd64?.manifest.layers[0]).toEqual(arm64?.manifest.layers[0]);
    expect(amd64?.manifest.layers[1]).not.toEqual(arm64?.manifest.layers[1]);
    expect(amd64?.config.config).toMatchObject({
      Entrypoint: ['/bin/tool', '/app/main.txt'],
      User: '0:0',
      Env: ['MODE=test'],
      Labels: {
        'org.opencontainers.image.title': 'agent',
        'org.opencontainers.image.revision': await project.repository.git('rev-parse', 'HEAD'),
      },
    });
    expect(amd64?.config.created).toBe('1970-01-01T00:00:00Z');
    // Three layers, two configs, two manifests, one index; each blob whole.
    const blobs = await layout.blobs.list();
    expect(blobs).toHaveLength(8);
    for (const digest of blobs) expect(sha256(readFileSync(layout.blobs.path(digest)))).toBe(digest);
    expect(result).toMatchObject({ unchanged: false, layout: join(project.dir, 'dist/image') });
  });

  test('leaves a statement about the index, with what went in', async () => {
    const project = await testProject();
    const result = await build(project);
    const { statement } = await readStatement(result.statement);
    expect(statement.subject).toEqual([{ name: 'agent', digest: { sha256: digestHex(result.index.digest) } }]);
    expect(statement.predicate.result).toBe('built');
    const materials = statement.predicate.materials.map(({ name, role }) => `${role} ${name}`);
    expect(materials).toEqual(
      expect.arrayContaining(['manifest agent.yaml', 'files apps/agent/files/shared', 'files apps/agent/files/amd64']),
    );
    expect(statement.predicate.checks).toEqual([
      { id: 'revision', result: 'passed', detail: await project.repository.git('rev-parse', 'HEAD') },
    ]);
    expect(readFileSync(result.statement, 'utf8')).not.toContain(project.repository.dir);
  });

  test('has one index for a single platform too', async () => {
    const project = await testProject({ layers: [{ from: 'files/shared', to: '/' }] });
    const { platforms } = await build(project);
    expect(platforms.map(({ platform }) => platform)).toEqual(['linux/amd64']);
  });

  test('SOURCE_DATE_EPOCH is its only time', async () => {
    const project = await testProject();
    project.io.env.SOURCE_DATE_EPOCH = '86400';
    const { image } = await readLayoutImage((await build(project)).layout);
    expect(image.platforms[0]?.config.created).toBe('1970-01-02T00:00:00Z');
    project.io.env.SOURCE_DATE_EPOCH = 'tomorrow';
    await expect(build(project)).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('a release version becomes a label', async () => {
    const project = await testProject();
    const { image } = await readLayoutImage((await build(project, { release: '1.2.3' })).layout);
    expect(image.index.document.annotations).toMatchObject({ 'org.opencontainers.image.version': '1.2.3' });
    await expect(build(project, { release: 'v1.2.3' })).rejects.toMatchObject({ code: 'VERSION_INVALID' });
  });
});

describe('the revision', () => {
  test('stays when a commit touches none of the inputs', async () => {
    const project = await testProject();
    const first = await build(project);
    await project.repository.commit('elsewhere', { 'docs/x.md': 'x' });
    expect((await build(project)).index).toEqual(first.index);
    await project.write({ 'notes.md': 'an input, though not in a layer' });
    await project.commit();
    expect((await build(project)).index).not.toEqual(first.index);
  });

  test('says when the tree is not clean', async () => {
    const project = await testProject();
    const head = await project.repository.git('rev-parse', 'HEAD');
    await project.write({ 'files/shared/main.txt': 'changed\n' });
    const result = await build(project);
    const { image } = await readLayoutImage(result.layout);
    expect(image.platforms[0]?.config.config?.Labels).toMatchObject({
      'org.opencontainers.image.revision': `${head}-dirty`,
    });
    const { statement } = await readStatement(result.statement);
    expect(statement.predicate.checks).toContainEqual({
      id: 'revision',
      result: 'noted',
      detail: 'uncommitted changes',
    });
  });

  test('is absent outside git', async () => {
    const project = await testProject();
    rmSync(join(project.repository.dir, '.git'), { recursive: true });
    const { image } = await readLayoutImage((await build(project)).layout);
    expect(image.platforms[0]?.config.config?.Labels).toEqual({ 'org.opencontainers.image.title': 'agent' });
  });

  test('warns in a shallow clone', async () => {
    const project = await testProject();
    await project.repository.commit('elsewhere', { 'docs/x.md': 'x' });
    const clone = await testProject();
    rmSync(clone.repository.dir, { recursive: true });
    await project.repository.git(
      'clone',
      '--quiet',
      '--depth=1',
      `file://${project.repository.dir}`,
      clone.repository.dir,
    );
    await build(clone);
    expect(clone.events).toContainEqual(expect.objectContaining({ type: 'warn', data: { code: 'SHALLOW_CLONE' } }));
  });
});

describe('an image on a base layout', () => {
  test('is sparse: layers of the base are named and not copied', async () => {
    const project = await testProject({ ...TWO_PLATFORMS, base: { layout: '../base/dist/image' } });
    await baseLayout(join(project.repository.dir, 'apps/base/dist/image'));
    const result = await build(project);
    const { layout, image } = await readLayoutImage(result.layout);
    const [amd64] = image.platforms;
    expect(amd64?.manifest.layers).toHaveLength(3);
    expect(await layout.blobs.has(amd64?.manifest.layers[0]?.digest ?? sha256(''))).toBe(false);
    expect(await layout.blobs.has(amd64?.manifest.layers[1]?.digest ?? sha256(''))).toBe(true);
    expect(amd64?.config.rootfs.diff_ids).toHaveLength(3);
    expect(amd64?.config.config).toMatchObject({ Env: ['PATH=/usr/bin', 'MODE=test'], Labels: { base: 'yes' } });
    expect(amd64?.config.config?.Cmd).toBeUndefined();
    expect(amd64?.manifest.annotations).toHaveProperty(['org.opencontainers.image.base.digest']);
    expect(result.platforms[0]?.layers.map(({ origin }) => origin)).toEqual(['base', 'own', 'own']);
  });

  test('follows the base', async () => {
    const project = await testProject({ ...TWO_PLATFORMS, base: { layout: '../base/dist/image' } });
    const base = join(project.repository.dir, 'apps/base/dist/image');
    await baseLayout(base);
    const first = await build(project);
    await baseLayout(base, undefined, { Env: ['PATH=/other'] });
    const second = await build(project);
    expect(second).toMatchObject({ unchanged: false });
    expect(second.index).not.toEqual(first.index);
  });
});

describe('a second build', () => {
  test('of the same inputs reads nothing and says so', async () => {
    const project = await testProject();
    const first = await build(project);
    const second = await build(project);
    expect(second).toEqual({ ...first, unchanged: true, timings: {} });
    expect(unchangedBuild(project.dir, buildOptions(), project.io)).toEqual(second);
    expect(unchangedBuild(join(project.dir, 'agent.yaml'), buildOptions(), project.io)).toEqual(second);
  });

  test('with force does the work, and changes no file', async () => {
    const project = await testProject();
    const first = await build(project);
    const files = ['index.json', 'oci-layout', `blobs/sha256/${digestHex(first.index.digest)}`].map((f) =>
      join(first.layout, f),
    );
    const inodes = (): number[] => [...files, first.statement].map((file) => statSync(file).ino);
    const before = inodes();
    const second = await build(project, { force: true });
    expect(second.unchanged).toBe(false);
    expect(second.platforms.flatMap((p) => p.layers).every((layer) => layer.cached)).toBe(true);
    expect(second.index).toEqual(first.index);
    expect(inodes()).toEqual(before);
  });

  test('takes a layer that another project made from the cache', async () => {
    const [one, two] = [await testProject(), await testProject()];
    await build(one);
    two.io.cacheDir = one.io.cacheDir;
    const { platforms } = await build(two);
    expect(platforms.flatMap((p) => p.layers).every((layer) => layer.cached)).toBe(true);
  });

  test('leaves no blob of the image before', async () => {
    const project = await testProject();
    await build(project);
    await project.write({ 'files/shared/main.txt': 'changed\n' });
    const { layout } = await build(project);
    expect(readdirSync(join(layout, 'blobs/sha256'))).toHaveLength(8);
  });

  test('makes a damaged layer again when it was found to be damaged', async () => {
    const project = await testProject();
    const first = await build(project);
    const digest = first.platforms[0]?.layers[0]?.digest ?? sha256('');
    for (const root of [first.layout, join(project.io.cacheDir, 'v1')])
      rmSync(join(root, 'blobs/sha256', digestHex(digest)));
    const second = await build(project);
    expect(second).toMatchObject({ unchanged: false, index: first.index });
    expect(existsSync(join(first.layout, 'blobs/sha256', digestHex(digest)))).toBe(true);
  });
});

describe('what invalidates the memory of a build', () => {
  test.each<[string, (project: TestProject) => unknown]>([
    ['a file of a layer', (p) => writeFileSync(join(p.dir, 'files/shared/main.txt'), 'hallo\n')],
    ['a new file in a layer', (p) => writeFileSync(join(p.dir, 'files/shared/data/new.txt'), '')],
    ['a file of a layer that is gone', (p) => rmSync(join(p.dir, 'files/shared/data/more.txt'))],
    ['the mode of a file', (p) => chmodSync(join(p.dir, 'files/shared/main.txt'), 0o755)],
    ['the manifest', (p) => p.manifest({ ...TWO_PLATFORMS, user: '1:1' })],
    [
      'a lock file that appears',
      (p) => p.write({ 'image.lock.json': '{"lockVersion":1,"bases":{},"npm":{},"debian":{}}' }),
    ],
    ['a commit', (p) => p.repository.commit('elsewhere', { 'docs/x.md': 'x' })],
    ['the layout', (p) => rmSync(join(p.dir, 'dist/image/index.json'))],
    ['a blob of the layout', (p) => rmSync(join(p.dir, 'dist/image/blobs'), { recursive: true })],
    ['the statement', (p) => rmSync(join(p.dir, 'dist/evidence/image.json'))],
    ['a statement that was edited', (p) => writeFileSync(join(p.dir, 'dist/evidence/image.json'), '{}')],
    ['the cache', (p) => rmSync(p.io.cacheDir, { recursive: true })],
    ['the epoch', (p) => Object.assign(p.io.env, { SOURCE_DATE_EPOCH: '1' })],
  ])('%s', async (_, change) => {
    const project = await testProject();
    await build(project);
    expect((await build(project)).unchanged).toBe(true);
    await change(project);
    expect((await build(project)).unchanged).toBe(false);
    expect((await readStatement(join(project.dir, 'dist/evidence/image.json'))).statement.predicate.result).toBe(
      'built',
    );
  });

  test.each([{ release: '1.0.0' }, { locked: true }, { bundle: false }])('the options %j', async (changes) => {
    const project = await testProject();
    await build(project);
    expect((await build(project, changes)).unchanged).toBe(false);
  });
});

describe('the bundle', () => {
  const IMAGE = { layers: [{ from: 'dist/bundle', to: '/app' }] };
  const script = `
    import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
    mkdirSync('dist/bundle', { recursive: true });
    writeFileSync('dist/bundle/main.txt', readFileSync('src/in.txt', 'utf8').toUpperCase());
    writeFileSync('dist/meta.json', JSON.stringify({ inputs: { 'src/in.txt': {}, '../shared/lib.txt': {}, '<stdin>': {} } }));
    writeFileSync('dist/runs', (() => { try { return readFileSync('dist/runs', 'utf8'); } catch { return ''; } })() + 'x');
  `;
  async function bundled(bundle: Record<string, unknown> = {}): Promise<TestProject> {
    const project = await testProject(IMAGE, { bundle: { command: ['node', 'make.mjs'], ...bundle } });
    await project.write({ 'make.mjs': script, 'src/in.txt': 'text', '../shared/lib.txt': 'lib' });
    await project.commit();
    return project;
  }

  test('is made first, with the Node that runs the build', async () => {
    const project = await bundled();
    const { platforms, statement } = await build(project);
    expect((await project.read('dist/bundle/main.txt')).toString()).toBe('TEXT');
    expect(platforms[0]?.layers).toHaveLength(1);
    expect((await readStatement(statement)).statement.predicate.materials).toContainEqual({
      name: 'dist/bundle/main.txt',
      digest: { sha256: digestHex(sha256('TEXT')) },
      role: 'bundle',
    });
    expect(project.events.map(({ type }) => type)).toEqual(expect.arrayContaining(['bundle.start', 'bundle.end']));
  });

  test('is not made again while its inputs are the same, and is when one changes', async () => {
    const project = await bundled();
    const first = await build(project);
    expect((await build(project)).unchanged).toBe(true);
    expect((await project.read('dist/runs')).toString()).toBe('x');
    await project.write({ 'src/in.txt': 'other' });
    expect((await build(project)).index).not.toEqual(first.index);
    expect((await project.read('dist/runs')).toString()).toBe('xx');
  });

  test('a file that the metafile names is an input', async () => {
    const project = await bundled({ inputs: ['src'], metafile: 'dist/meta.json' });
    await build(project);
    expect((await build(project)).unchanged).toBe(true);
    await project.write({ '../shared/lib.txt': 'new' });
    expect((await build(project)).unchanged).toBe(false);
  });

  test('edited by hand is not what was built', async () => {
    const project = await bundled();
    await build(project);
    writeFileSync(join(project.dir, 'dist/bundle/main.txt'), 'hand');
    expect((await build(project)).unchanged).toBe(false);
    expect((await project.read('dist/bundle/main.txt')).toString()).toBe('TEXT');
  });

  test('an input that changes while it is read is not remembered', async () => {
    const project = await bundled();
    const slow = `${script}\nwriteFileSync('src/in.txt', 'changed meanwhile');`;
    await project.write({ 'make.mjs': slow });
    await project.commit();
    await build(project);
    expect(unchangedBuild(project.dir, buildOptions(), project.io)).toBeUndefined();
  });

  test.each([
    ['process.stderr.write("no such thing\\n"); process.exit(3)', 'code 3: no such thing'],
    ['process.kill(process.pid, "SIGKILL")', 'SIGKILL'],
    ['', 'did not make dist/bundle'],
  ])('that fails says how: %s', async (source, said) => {
    const project = await bundled();
    await project.write({ 'make.mjs': source });
    await expect(build(project)).rejects.toMatchObject({
      code: 'BUNDLE_FAILED',
      message: expect.stringContaining(said),
    });
    expect(existsSync(join(project.dir, 'dist/image'))).toBe(false);
  });

  test('is left to somebody else under `bundle: false`', async () => {
    const project = await bundled();
    await project.write({ 'dist/bundle/main.txt': 'made before' });
    await build(project, { bundle: false });
    expect((await project.read('dist/bundle/main.txt')).toString()).toBe('made before');
  });
});

test('builds at once are one build, and the others wait for it', async () => {
  const project = await testProject();
  const loaded = await project.load();
  const results = await Promise.all([1, 2, 3].map(() => buildImage(loaded, buildOptions(), project.io)));
  // Down to how long it took.
  expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
  expect(results[0]?.unchanged).toBe(false);
  expect(project.events).toContainEqual(
    expect.objectContaining({ type: 'note', label: expect.stringContaining('waiting') }),
  );
});

test('an interrupted build says so, and the next one finishes', async () => {
  const project = await testProject();
  const stop = new AbortController();
  const io = { ...project.io, signal: stop.signal, shutdown: stop.signal, emit: () => stop.abort() };
  await expect(buildImage(await project.load(), buildOptions(), io)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(existsSync(join(project.dir, 'dist/image/index.json'))).toBe(false);
  expect((await build(project)).unchanged).toBe(false);
});

test('without an image section there is nothing to build', async () => {
  const project = await testProject();
  await project.write({ 'agent.yaml': 'version: 1\nname: agent\n' });
  await expect(build(project)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
});
