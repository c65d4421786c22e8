import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStatement, subjectDigests } from '@baton/evidence';
import { isDigest } from '@baton/kernel';
import { needs } from '@baton/testkit';
import { expect } from 'vitest';
import { build } from '../publish.fixture.ts';
import { DOCKERFILE, dockerProject, sharedEngine, withEngine } from './docker.fixture.ts';

const test = needs('dockerd', 'busybox');
const engine = sharedEngine();
const STEP = DOCKERFILE.replace('USER', 'RUN ["/bin/busybox", "sh", "-c", "echo step > /step"]\nUSER');

for (const protocol of ['buildkit', 'classic', 'auto']) {
  test(`builds by ${protocol}, says what it built, and a container runs`, async () => {
    const host = await engine();
    const project = await dockerProject(host, { dockerfile: { protocol }, version: '1.2.3' }, { Dockerfile: STEP });
    const result = await build(project);
    const [made] = result.engine?.images ?? [];
    expect(made).toMatchObject({ platform: 'linux/amd64', name: 'agent:1.2.3', cached: false });
    expect(result).toMatchObject({ unchanged: false, platforms: [{ platform: 'linux/amd64', config: made?.image }] });

    await withEngine(host, async (client) => {
      const held = await client.inspect('agent:1.2.3');
      expect(held).toMatchObject({ id: made?.image, diffIds: made?.diffIds });
      const ran = await client.run({ image: made?.image ?? '', timeout: 60_000 }, { emit: project.io.emit });
      expect(ran).toMatchObject({ code: 0, stdout: Buffer.from('hello\n') });
    });

    const statement = parseStatement(await project.read('dist/evidence/image.json'), 'image.json');
    expect(subjectDigests(statement)).toEqual([made?.image]);
    expect(statement.predicate).toMatchObject({
      result: 'built',
      image: { driver: 'docker', dockerfile: 'Dockerfile', version: '1.2.3', bases: [] },
    });
    expect(statement.predicate.materials.map(({ name, role }) => `${role} ${name}`).sort()).toEqual([
      'context .',
      'dockerfile Dockerfile',
      'ignore-file .dockerignore',
      'manifest agent.yaml',
    ]);
    expect(statement.predicate.checks).toContainEqual({ id: 'lint', result: 'passed', detail: '0 errors, 0 warnings' });
    expect(existsSync(join(project.dir, 'dist/image/index.json'))).toBe(false);
  }, 120_000);
}

test('a second build finds nothing to do; whatever went in makes it build again', async () => {
  const host = await engine();
  const project = await dockerProject(host);
  const first = await build(project);
  const same = await build(project);
  expect(same).toMatchObject({ unchanged: true, index: first.index, engine: { images: [{ cached: true }] } });
  const statement = await project.read('dist/evidence/image.json');

  await project.write({ 'not-sent.txt': 'ignored' });
  expect((await build(project)).engine?.images[0]?.image).not.toBeUndefined();
  await project.write({ 'main.txt': 'other\n' });
  const other = await build(project);
  expect(other.unchanged).toBe(false);
  expect(other.index.digest).not.toBe(first.index.digest);
  expect(await project.read('dist/evidence/image.json')).not.toEqual(statement);
  await project.write({ Dockerfile: `${DOCKERFILE}LABEL a=b\n` });
  expect((await build(project)).index.digest).not.toBe(other.index.digest);
});

test('an image that the engine lost is built again, a name that it lost is given again', async () => {
  const host = await engine();
  const project = await dockerProject(host, { version: '7.0.0' });
  const first = await build(project);
  const id = first.engine?.images[0]?.image ?? '';
  await withEngine(host, async (client) => {
    await client.tag(id, 'kept:1');
    await client.remove('agent:7.0.0');
    expect(await build(project)).toMatchObject({ unchanged: true });
    expect((await client.inspect('agent:7.0.0'))?.id).toBe(id);
    await client.remove('kept:1');
    await client.remove('agent:7.0.0');
    const again = await build(project);
    expect(again).toMatchObject({ unchanged: false });
    expect((await client.inspect('agent:7.0.0'))?.id).toBe(again.index.digest);
  });
});

test('builds every platform, each under its name', async () => {
  const host = await engine();
  const platforms = ['linux/amd64', 'linux/arm64'];
  const project = await dockerProject(host, { platforms, version: '2.0.0' });
  const result = await build(project);
  expect(result.engine?.images.map(({ platform, name }) => [platform, name])).toEqual([
    ['linux/amd64', 'agent:2.0.0-amd64'],
    ['linux/arm64', 'agent:2.0.0-arm64'],
  ]);
  const ids = result.engine?.images.map(({ image }) => image) ?? [];
  expect(new Set(ids).size).toBe(2);
  expect(ids.every(isDigest)).toBe(true);
  const statement = parseStatement(await project.read('dist/evidence/image.json'), 'image.json');
  expect(subjectDigests(statement).sort()).toEqual([...ids].sort());
});

test('labels are those that the embedded driver gives; either driver takes the place of the other', async () => {
  const host = await engine();
  const project = await dockerProject(host, {
    driver: 'embedded',
    version: '3.0.0',
    labels: { mine: 'yes' },
    layers: [{ from: 'main.txt', to: '/app/main.txt' }],
  });
  const embedded = await build(project);
  expect(existsSync(join(project.dir, 'dist/image/index.json'))).toBe(true);
  const docker = await build(project, { driver: 'docker' });
  expect(docker.engine?.images).toHaveLength(1);
  expect(existsSync(join(project.dir, 'dist/image/index.json'))).toBe(false);
  const back = await build(project);
  expect(back).toMatchObject({ index: embedded.index, unchanged: false });
});

const REFUSED: [what: string, files: Record<string, string>, code: string][] = [
  [
    'an error of the lint',
    {
      Dockerfile: DOCKERFILE.replace('"/bin/busybox", "cat", "/app/main.txt"', '').replace(
        'ENTRYPOINT []',
        'ENTRYPOINT cat',
      ),
    },
    'LINT_FAILED',
  ],
  [
    'a secret that is mounted',
    { Dockerfile: DOCKERFILE.replace('USER', 'RUN --mount=type=secret,id=a ["/bin/busybox"]\nUSER') },
    'DRIVER_UNSUPPORTED',
  ],
  [
    'a step that fails',
    { Dockerfile: DOCKERFILE.replace('USER', 'RUN ["/bin/busybox", "false"]\nUSER') },
    'BUILD_FAILED',
  ],
  ['a file that is not in the context', { Dockerfile: DOCKERFILE.replace('main.txt /', 'gone.txt /') }, 'BUILD_FAILED'],
];
for (const [what, files, code] of REFUSED) {
  test(`${what}: the code says it, and nothing is left`, async () => {
    const host = await engine();
    const project = await dockerProject(host, { version: '9.9.9' }, files);
    await expect(build(project)).rejects.toMatchObject({ code });
    expect(existsSync(join(project.dir, 'dist/image/engine.json'))).toBe(false);
    expect(existsSync(join(project.dir, 'dist/evidence/image.json'))).toBe(false);
    await withEngine(host, async (client) => expect(await client.inspect('agent:9.9.9')).toBeUndefined());
  });
}

test('a context that changes while it is sent is not vouched for', async () => {
  const project = await dockerProject(await engine());
  const { emit } = project.io;
  project.io.emit = (event) => {
    if (event.type === 'context.end') writeFileSync(join(project.dir, 'main.txt'), 'changed\n');
    emit(event);
  };
  await expect(build(project)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  expect(existsSync(join(project.dir, 'dist/evidence/image.json'))).toBe(false);
});

test('a secret among the arguments is refused by its name', async () => {
  const project = await dockerProject(await engine(), { dockerfile: { args: { NPM_TOKEN: 'abcdefgh' } } });
  const failure = await build(project).then(
    () => undefined,
    (error: Error) => error,
  );
  expect(failure).toMatchObject({ code: 'DRIVER_UNSUPPORTED' });
  expect(failure?.message).toMatch(/args\.NPM_TOKEN is by its name a secret/);
});
