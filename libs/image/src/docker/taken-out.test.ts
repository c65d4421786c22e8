import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { needs, temporaryDirectory } from '@baton/testkit';
import { expect } from 'vitest';
import { exportImage } from '../export-image.ts';
import { inspectImage } from '../inspect-image.ts';
import { planBuild } from '../plan-build.ts';
import { buildOptions } from '../project.fixture.ts';
import { build } from '../publish.fixture.ts';
import { reportBuild, reportBuildPlan } from '../report-build.ts';
import { reportInspection } from '../report-inspection.ts';
import { readLayoutImage } from '../sparse-layout.ts';
import { DOCKERFILE, dockerProject, sharedEngine, withEngine } from './docker.fixture.ts';

const test = needs('dockerd', 'busybox');
const engine = sharedEngine();

test('an image is taken out of the engine: as a layout, an archive, files', async () => {
  const p = await dockerProject(await engine(), { version: '1.0.0', platforms: ['linux/amd64', 'linux/arm64'] });
  const built = await build(p);
  const dir = temporaryDirectory('out');
  const project = await p.load();
  const layout = await exportImage(project, { to: join(dir, 'layout'), format: 'layout' }, p.io);
  const { image } = await readLayoutImage(join(dir, 'layout'));
  expect(image.index.descriptor.digest).toBe(layout.index.digest);
  expect(image.platforms.map(({ manifest }) => manifest.config.digest)).toEqual(
    built.platforms.map(({ config }) => config),
  );
  const archives = ['a.tar', 'b.tar'].map((name) => join(dir, name));
  for (const to of archives) await exportImage(project, { to, format: 'archive' }, p.io);
  const [a, b] = await Promise.all(archives.map((path) => readFile(path)));
  expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
  await exportImage(project, { to: join(dir, 'root'), format: 'rootfs', platform: 'linux/arm64' }, p.io);
  expect(await readFile(join(dir, 'root/app/main.txt'), 'utf8')).toBe('hello\n');
});

test('an image is looked at where it is, also when the engine lost it', async () => {
  const host = await engine();
  const p = await dockerProject(host, { version: '2.0.0' });
  const built = await build(p);
  const id = built.index.digest;
  const inspection = await inspectImage({ image: p.dir }, p.io);
  expect(inspection).toMatchObject({
    kind: 'engine',
    index: { digest: id },
    platforms: [{ platform: 'linux/amd64', engine: { names: ['agent:2.0.0'], present: true } }],
    statements: [{ capability: 'image', about: [id] }],
  });
  expect(reportInspection(inspection).split('\n')).toEqual([
    `${host.host} agent:2.0.0`,
    expect.stringMatching(new RegExp(`linux/amd64 ${id}$`)),
    expect.stringMatching(/name agent:2\.0\.0$/),
    expect.stringMatching(/size .* MB$/),
    expect.stringMatching(/layer sha256:/),
    expect.stringMatching(/layer sha256:/),
    expect.stringMatching(/statement image: built sha256:\w+ \(unsigned\)$/),
  ]);
  await withEngine(host, async (client) => await client.remove('agent:2.0.0'));
  expect(reportInspection(await inspectImage({ image: p.dir }, p.io))).toContain('(the engine no longer has it)');
  await expect(
    exportImage(await p.load(), { to: join(temporaryDirectory(), 'x'), format: 'layout' }, p.io),
  ).rejects.toMatchObject({ code: 'IMAGE_NOT_BUILT' });
});

test('a plan tells what the engine is, what it would get, and what would be built; and changes nothing', async () => {
  const host = await engine();
  const p = await dockerProject(host, { version: '3.0.0' }, { Dockerfile: `${DOCKERFILE}MAINTAINER me\n` });
  const plan = async () => await planBuild(await p.load(), buildOptions(), p.io);
  const first = await plan();
  expect(first.engine).toMatchObject({
    report: { available: true, platform: 'linux/amd64' },
    protocol: 'buildkit',
    context: { path: '.', files: 4 },
    platforms: [{ platform: 'linux/amd64', name: 'agent:3.0.0', action: 'build', reason: 'it was not built yet' }],
    lint: [{ code: 'maintainer-old' }],
  });
  const shown = reportBuildPlan(first);
  expect(shown).toMatch(/^engine +\S+ at unix:\/\/\/\S+ \(linux\/amd64, graph store\)$/m);
  expect(shown).toMatch(/^warning: Dockerfile:6:1 maintainer-old: /m);
  await withEngine(host, async (client) => expect(await client.inspect('agent:3.0.0')).toBeUndefined());

  expect(reportBuild(await build(p))).toMatch(/^built in the engine at unix:/);
  expect((await plan()).engine?.platforms).toMatchObject([{ action: 'unchanged' }]);
  expect(reportBuild(await build(p))).toMatch(/^unchanged in the engine at unix:/);
  await p.write({ 'main.txt': 'other\n' });
  expect((await plan()).engine?.platforms).toMatchObject([{ action: 'build', reason: 'its inputs changed' }]);

  p.io.env.DOCKER_HOST = 'unix:///nowhere/docker.sock';
  const without = await plan();
  expect(without.engine?.report).toMatchObject({ available: false, reason: 'there is no socket' });
  expect(reportBuildPlan(without)).toMatch(/^engine +none at unix:\/\/\/nowhere\/docker\.sock: there is no socket$/m);
});
