import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readStatement } from '@baton/evidence';
import { needs, startRegistryServer, type TestRegistry } from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildImage } from '../build-image.ts';
import { baseLayout, buildOptions, type TestProject, testProject } from '../project.fixture.ts';
import { build, publish } from '../publish.fixture.ts';
import { exitProgram, MACHINE, writeElf } from './elf.fixture.ts';
import { notPassed, verifyOptions } from './verify.fixture.ts';
import { verifyImage, verifyProject } from './verify-image.ts';

const SECTION = {
  platforms: ['linux/amd64', 'linux/arm64'],
  layers: [
    { from: 'files/amd64', to: '/bin', platform: 'linux/amd64', mode: '0755' },
    { from: 'files/arm64', to: '/bin', platform: 'linux/arm64', mode: '0755' },
  ],
  entrypoint: ['/bin/tool'],
  user: '0:0',
  env: { MODE: 'test' },
  workdir: '/bin',
  volumes: ['/data'],
  labels: { team: 'a' },
  annotations: { note: 'x' },
  tags: ['{version}'],
  version: '1.0.0',
};

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistryServer();
});
afterAll(async () => {
  await registry.stop();
});

async function project(changes: object = {}): Promise<TestProject> {
  const p = await testProject({ ...SECTION, repository: `${registry.host}/acme/agent`, ...changes });
  const arm = writeElf({ machine: MACHINE.arm64 });
  await p.write({ 'files/amd64/tool': exitProgram(), 'files/arm64/tool': arm });
  await p.commit();
  return p;
}

describe('what a project built', () => {
  test('holds against its agent.yaml, and leaves a statement beside the others', async () => {
    const p = await project();
    await build(p);
    const result = await verifyImage(verifyOptions({ image: p.dir }), p.io);
    expect(notPassed(result.checks)).toEqual([]);
    expect(result).toMatchObject({ kind: 'project', image: 'agent (dist/image)' });
    const { statement, signature } = await readStatement(join(p.dir, 'dist/evidence/verify.json'));
    expect(signature).toBe('unsigned');
    expect(statement).toMatchObject({
      subject: [{ name: `${registry.host}/acme/agent` }],
      predicate: { result: 'verified', materials: [{ name: 'agent.yaml', role: 'manifest' }] },
    });
  });

  test('each setting that agent.yaml has another idea of is named', async () => {
    const p = await project();
    await build(p);
    await p.manifest({
      ...SECTION,
      entrypoint: ['/bin/other'],
      user: '1000',
      env: { MODE: 'other' },
      workdir: '/app',
      volumes: ['/data', '/log'],
      labels: { team: 'b' },
      annotations: { note: 'y' },
      platforms: ['linux/amd64'],
      layers: [],
    });
    const result = await verifyImage(verifyOptions({ image: p.dir, platform: 'linux/amd64' }), p.io);
    expect(notPassed(result.checks).filter((line) => line.startsWith('failed'))).toEqual([
      'failed platforms: found linux/arm64, which agent.yaml does not list (linux/amd64)',
      'failed annotations: expected "note=y" on the index, as agent.yaml says, found "note=x"',
      'failed settings-entrypoint: expected ["/bin/other"], as agent.yaml says, found ["/bin/tool"]',
      'failed settings-user: expected "1000", as agent.yaml says, found "0:0"',
      'failed settings-workdir: expected "/app", as agent.yaml says, found "/bin"',
      'failed settings-env: expected "MODE=other", as agent.yaml says, found "MODE=test"',
      'failed settings-volumes: expected "/log", as agent.yaml says, found nothing',
      'failed settings-labels: expected "team=b", as agent.yaml says, found "team=a"',
    ]);
    const missing = await p.manifest({ ...SECTION, platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'] });
    expect(missing).toBeUndefined();
    const more = await verifyImage(verifyOptions({ image: p.dir }), p.io);
    expect(notPassed(more.checks)).toContain(
      'failed platforms: expected linux/s390x, as agent.yaml says, found linux/amd64, linux/arm64',
    );
  });

  test('layers of the base are read from where the base is; only own files count as the agent', async () => {
    const p = await project({ base: { layout: '../base/dist/image' } });
    await baseLayout(join(p.dir, '../base/dist/image'));
    await p.write({ 'files/amd64/helper': writeElf({ machine: MACHINE.arm64 }) });
    await buildImage(await p.load(), buildOptions(), p.io);
    const result = await verifyImage(verifyOptions({ image: p.dir }), p.io);
    expect(notPassed(result.checks)).toEqual(['failed native: expected /bin/helper to be for amd64, found arm64']);
    expect(result.platforms[0]?.layers).toHaveLength(2);
  });

  needs('root', 'busybox')('is started with the arguments and the environment of image.verify', async () => {
    const verify = { args: ['env'], env: { MODE: 'start', ADDED: 'a b' }, output: 'ADDED=a b' };
    const platform = `linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`;
    const layers = [{ from: 'files/busybox', to: '/bin/busybox', mode: '0755' }];
    const p = await project({ platforms: [platform], layers, entrypoint: ['/bin/busybox'], verify });
    await p.write({ 'files/busybox': await readFile('/bin/busybox') });
    await p.commit();
    await build(p);
    const { checks, run } = await verifyImage(verifyOptions({ image: p.dir }), p.io);
    expect(checks.find(({ id }) => id === 'run')).toMatchObject({
      result: 'passed',
      detail: 'exit code 0, and it printed "ADDED=a b"',
    });
    expect(run?.stdout).toContain('MODE=start\n');
  });

  test('the compose file of agent.yaml is held against its volumes', async () => {
    const p = await project({ verify: { compose: 'compose.yaml' } });
    await build(p);
    const image = `image: ${registry.host}/acme/agent:\${TAG}`;
    await p.write({ 'compose.yaml': `services:\n  a:\n    ${image}\n    volumes: [d:/data]\n  b:\n    ${image}\n` });
    const options = verifyOptions({ image: p.dir, run: 'never', platform: 'linux/amd64' });
    const { checks } = await verifyImage(options, p.io);
    expect(notPassed(checks).filter((line) => line.startsWith('failed'))).toEqual([
      'failed volume-l1: compose.yaml:5: "b" has no mount at /data, which the image declares: the engine makes an anonymous volume',
    ]);
    const one = await verifyImage({ ...options, service: ['a'] }, p.io);
    expect(one.verdict).toBe('verified');
    await p.write({ 'compose.yaml': 'services:\n  c: { build: . }\n' });
    await expect(verifyImage(options, p.io)).rejects.toMatchObject({ code: 'COMPOSE_INVALID' });
  });
});

describe('what a project published', () => {
  const published = verifyOptions({ published: true });

  test('is what its publish statement says, wherever the tags have gone since', async () => {
    const p = await project();
    await build(p);
    await expect(verifyProject(await p.load(), published, p.io)).rejects.toMatchObject({
      code: 'EVIDENCE_MISSING',
      message: expect.stringContaining('agent was not published from here'),
    });
    const { index } = await publish(p);
    await p.write({ 'files/amd64/more': 'x' });
    await p.commit();
    await build(p);
    const result = await verifyProject(await p.load(), published, p.io);
    expect(notPassed(result.checks)).toEqual([]);
    expect(result).toMatchObject({ kind: 'registry', index: { digest: index.digest } });
    const read = await readStatement(join(p.dir, 'dist/evidence/verify.json'));
    const publishing = await readStatement(join(p.dir, 'dist/evidence/publish.json'));
    expect(read.statement.predicate.statements).toEqual([publishing.digest]);
  });

  test('is for projects only', async () => {
    const p = await project();
    const reference = `${registry.host}/acme/agent:1.0.0`;
    const of = (image: string) => verifyImage({ ...published, image }, p.io);
    await expect(of(reference)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(of(join(p.dir, 'files'))).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('a reference can be held against a project, and a changed registry fails its statement', async () => {
    const p = await project();
    await build(p);
    await publish(p);
    const options = verifyOptions({ image: `${registry.host}/acme/agent:1.0.0`, project: p.dir });
    expect((await verifyImage(options, p.io)).verdict).toBe('verified');
    registry.inject({ method: 'GET', path: '/blobs/' }, { kind: 'corrupt' }, { skip: 2 });
    expect((await verifyImage(options, p.io)).verdict).toBe('failed');
    const path = join(p.dir, 'dist/evidence/verify.json');
    expect((await readStatement(path)).statement.predicate.result).toBe('diverged');
    await writeFile(`${path}.old`, await readFile(path));
    await verifyImage(options, p.io);
    expect((await readStatement(path)).statement.predicate.result).toBe('verified');
  });
});
