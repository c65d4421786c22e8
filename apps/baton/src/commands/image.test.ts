import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDigest } from '@baton/kernel';
import { startRegistryServer, type TestRegistry, temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { document, pictureOf, runBaton } from '../test-baton.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistryServer();
});
afterAll(async () => {
  await registry.stop();
});

let projects = 0;

/** A project in a git repository whose bundle is made by a shell script, with a cache of its own. */
async function project(changes: Record<string, string> = {}) {
  projects += 1;
  const repository = `${registry.host}/test/agent-${projects}`;
  const cache = temporaryDirectory('cache');
  const { dir, commit } = await temporaryRepository({
    'agent.yaml': [
      'version: 1',
      'name: small-agent',
      'bundle: { command: [sh, make.sh], inputs: [make.sh, source.txt] }',
      'image:',
      `  repository: ${repository}`,
      '  version: 1.2.0',
      '  platforms: [linux/amd64, linux/arm64]',
      '  layers: [{ from: dist/bundle, to: /app, include: ["*.txt"] }]',
      '  entrypoint: [/app/main.txt]',
      '  tags: ["{version}", "{major}.{minor}", latest]',
    ].join('\n'),
    'make.sh': 'mkdir -p dist/bundle && cp source.txt dist/bundle/main.txt\n',
    'source.txt': 'one\n',
    '.gitignore': 'dist\n',
    ...changes,
  });
  const baton = (...args: string[]) => runBaton(args, { cwd: dir, env: { BATON_CACHE_DIR: join(cache, 'baton') } });
  return { dir, commit, cache, repository, baton };
}

describe('a dry run', () => {
  test.each([
    ['image', 'build', '--dry-run'],
    ['image', 'plan'],
  ])('%s %s prints the plan and changes nothing', async (...args) => {
    const { dir, cache, repository, baton } = await project();
    const before = [pictureOf(dir), pictureOf(cache)];
    const ran = await baton(...args);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^base +scratch\n/);
    expect(ran.stdout).toContain(`image ${repository}\n`);
    expect(document(await baton(...args, '--json'))).toMatchObject({
      ok: true,
      result: {
        project: 'small-agent',
        version: '1.2.0',
        platforms: [{ platform: 'linux/amd64' }, { platform: 'linux/arm64' }],
      },
    });
    expect([pictureOf(dir), pictureOf(cache)]).toEqual(before);
  });

  test('of a publish asks the registry and sends nothing', async () => {
    const { dir, baton, repository } = await project();
    await baton('image', 'build');
    const before = pictureOf(dir);
    const seen = registry.log.length;
    const ran = await baton('image', 'publish', '--dry-run');
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stdout).toContain(repository);
    expect(ran.stdout).toMatch(/^create +tag 1\.2\.0$/m);
    expect(pictureOf(dir)).toEqual(before);
    const methods = new Set(registry.log.slice(seen).map(({ method }) => method));
    expect([...methods].filter((method) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  });
});

describe('build and publish', () => {
  test('from source to the registry, then nothing is left to do', async () => {
    const { dir, baton, repository } = await project();
    const first = await baton('image', 'publish', '--build');
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(new RegExp(`^published ${repository}:1\\.2\\.0@sha256:[0-9a-f]{64}\n`));
    expect(readFileSync(join(dir, 'dist/bundle/main.txt'), 'utf8')).toBe('one\n');
    expect(existsSync(join(dir, 'dist/evidence/publish.json'))).toBe(true);

    const again = await baton('image', 'publish', '--build');
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toMatch(new RegExp(`^already published ${repository}:1\\.2\\.0@sha256:`));
    expect(document(await baton('image', 'publish', '--build', '--json'))).toMatchObject({
      ok: true,
      result: { repository, unchanged: true, tags: [{ state: 'present' }, { state: 'present' }, { state: 'present' }] },
    });
  });

  test('--json: the result on standard output, the events on standard error', async () => {
    const { dir, baton } = await project();
    const ran = await baton('image', 'build', '--json');
    const { result } = document(ran) as { result: { index: { digest: string }; layout: string; unchanged: boolean } };
    expect(isDigest(result.index.digest)).toBe(true);
    expect(result).toMatchObject({ layout: join(dir, 'dist/image'), unchanged: false });
    const events = ran.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['bundle.start', 'bundle.end', 'layer.end', 'done']),
    );
  });

  test('a second build of the same does nothing and says so', async () => {
    const { baton } = await project();
    expect((await baton('image', 'build')).stdout).toMatch(/^built sha256:/);
    expect(await baton('image', 'build')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^unchanged sha256:/),
      stderr: '',
    });
  });

  test('-C and a path name the project from elsewhere', async () => {
    const { dir, cache } = await project();
    const env = { BATON_CACHE_DIR: join(cache, 'baton') };
    const elsewhere = temporaryDirectory('elsewhere');
    expect(await runBaton(['-C', dir, 'image', 'build'], { cwd: elsewhere, env })).toMatchObject({ code: 0 });
    expect((await runBaton(['image', 'build', dir], { cwd: elsewhere, env })).stdout).toMatch(/^unchanged /);
  });
});

describe('looking at an image', () => {
  test('export writes a complete layout, inspect reads project, layout and registry alike', async () => {
    const { baton, repository } = await project();
    await baton('image', 'publish', '--build');
    const exported = await baton('image', 'export', '.', 'out', '--json');
    expect(document(exported)).toMatchObject({ ok: true, result: { format: 'layout' } });
    const digests = [];
    for (const image of ['.', 'out', `${repository}:1.2.0`]) {
      const { result } = document(await baton('image', 'inspect', image, '--json')) as {
        result: { index: { digest: string } };
      };
      digests.push(result.index.digest);
    }
    expect(new Set(digests).size).toBe(1);
    expect((await baton('image', 'inspect', '.')).stdout).toContain('linux/arm64');
  });

  test('evidence of both steps can be shown and holds', async () => {
    const { baton } = await project();
    await baton('image', 'publish', '--build');
    const shown = await baton('evidence', 'show');
    expect(shown.stdout).toMatch(/^dist\/evidence\/image\.json\nimage: built \(unsigned\)$/m);
    expect(shown.stdout).toMatch(/^dist\/evidence\/publish\.json\npublish: published \(unsigned\)$/m);
    expect(await baton('evidence', 'verify', 'dist/evidence/publish.json', '--relied', 'dist/evidence')).toMatchObject({
      code: 0,
    });
  });
});

test('lock has nothing to pin for an image of own files', async () => {
  const { baton } = await project();
  expect(document(await baton('image', 'lock', '--check', '--json'))).toMatchObject({
    ok: true,
    result: { unchanged: true, changes: [] },
  });
});

describe('bad input', () => {
  test.each([
    ['image build nowhere', 2, 'error MANIFEST_NOT_FOUND: no manifest at nowhere'],
    ['image publish', 2, 'error IMAGE_NOT_BUILT: '],
    ['image build --release 1.2', 2, 'error VERSION_INVALID: --release "1.2" is not a semantic version'],
    ['image build --release 1.2.0+b1', 2, 'error VERSION_INVALID: --release "1.2.0+b1" cannot be a tag'],
    [
      'image export . out --format zip',
      2,
      'error USAGE: --format: expected layout, archive, docker-archive, rootfs; found "zip"',
    ],
    ['image export out', 2, 'error USAGE: "baton image export" needs <to>, found nothing for it'],
    ['image inspect NOT/a:ref:x', 2, 'error INVALID_REFERENCE: '],
    ['image publish --build --repository 127.0.0.1:1/x', 3, 'error REGISTRY_UNREACHABLE: '],
  ])('%s', async (line, code, message) => {
    const { baton } = await project();
    const ran = await baton(...line.split(' '));
    expect(ran.stderr.split('\n').find((text) => text.startsWith('error '))).toContain(message);
    expect(ran).toMatchObject({ code, stdout: '' });
    const json = await baton(...line.split(' '), '--json');
    expect(document(json)).toMatchObject({ ok: false, error: { code: message.split(/[ :]/)[1], exitCode: code } });
  });

  test('a manifest with an unknown key names the one that was meant', async () => {
    const { baton } = await project({ 'agent.yaml': 'version: 1\nname: x\nimage:\n  platfroms: [linux/amd64]\n' });
    const ran = await baton('image', 'build');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/^error MANIFEST_INVALID: .*agent\.yaml:4:3: .*platfroms.*\n {2}hint: .*platforms/);
  });

  test('a bundle command that fails is named with its last words', async () => {
    const { baton } = await project({ 'make.sh': 'echo "no compiler" >&2; exit 7\n' });
    const ran = await baton('image', 'build');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/^error BUNDLE_FAILED: /m);
    expect(ran.stderr).toContain('no compiler');
  });

  test('a version tag with another digest is never overwritten', async () => {
    const { commit, baton, repository } = await project();
    await baton('image', 'publish', '--build');
    await commit('another', { 'source.txt': 'two\n' });
    const ran = await baton('image', 'publish', '--build');
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(new RegExp(`^error TAG_CONFLICT: ${repository}:1\\.2\\.0 exists with sha256:`, 'm'));
  });
});

describe('interrupted', () => {
  // The bundle command itself sends the signal to its parent, so that the moment is certain.
  const interrupting = { 'make.sh': 'echo $$ > pid; kill -INT $PPID; exec sleep 300\n' };

  test('in the middle of the bundle: exit code 130, the child is gone, nothing was built', async () => {
    const { dir, baton } = await project(interrupting);
    const ran = await baton('image', 'build', '--json');
    expect(ran.code).toBe(130);
    expect(document(ran)).toMatchObject({ ok: false, error: { code: 'INTERRUPTED', exitCode: 130 } });
    expect(existsSync(join(dir, 'dist/image/index.json'))).toBe(false);
    const pid = Number(readFileSync(join(dir, 'pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow(expect.objectContaining({ code: 'ESRCH' }));
  });

  test('a second run goes on and finishes', async () => {
    const { dir, baton } = await project(interrupting);
    expect((await baton('image', 'build')).code).toBe(130);
    writeFileSync(join(dir, 'make.sh'), 'mkdir -p dist/bundle && cp source.txt dist/bundle/main.txt\n');
    expect(await baton('image', 'build')).toMatchObject({ code: 0 });
  });
});
