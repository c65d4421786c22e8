import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildImage } from './build-image.ts';
import { planBuild } from './plan-build.ts';
import { baseLayout, buildOptions, TWO_PLATFORMS, testProject } from './project.fixture.ts';

test('a plan is plain data, and making it changes nothing', async () => {
  const project = await testProject({
    ...TWO_PLATFORMS,
    base: { layout: '../base/dist/image' },
    annotations: { a: 'b' },
  });
  await baseLayout(join(project.dir, '../base/dist/image'));
  const plan = await planBuild(await project.load(), buildOptions({ release: '1.2.3' }), project.io);
  expect(existsSync(join(project.dir, 'dist'))).toBe(false);
  expect(JSON.parse(JSON.stringify(plan))).toMatchObject({
    project: 'agent',
    version: '1.2.3',
    revision: await project.repository.git('rev-parse', 'HEAD'),
    epoch: 0,
    annotations: { a: 'b', 'org.opencontainers.image.title': 'agent' },
    platforms: [
      { platform: 'linux/amd64', layers: [{ origin: 'base' }, { origin: 'own', cached: false }, { origin: 'own' }] },
      { platform: 'linux/arm64' },
    ],
  });
});

test('a plan foretells the layers of the build', async () => {
  const project = await testProject();
  const before = await planBuild(await project.load(), buildOptions(), project.io);
  const built = await buildImage(await project.load(), buildOptions(), project.io);
  const after = await planBuild(await project.load(), buildOptions(), project.io);
  const keys = (plan: typeof before): unknown => plan.platforms.map(({ layers }) => layers.map(({ key }) => key));
  expect(keys(after)).toEqual(keys(before));
  expect(after.platforms.map(({ layers }) => layers.map(({ digest, size }) => ({ digest, size })))).toEqual(
    built.platforms.map(({ layers }) => layers.map(({ digest, size }) => ({ digest, size }))),
  );
});

test('a layer that the bundle has yet to write has no key; one that nobody writes is an error', async () => {
  const bundle = { command: ['node', 'make.mjs'] };
  const project = await testProject({ layers: [{ from: 'dist/bundle', to: '/app' }] }, { bundle });
  const plan = await planBuild(await project.load(), buildOptions(), project.io);
  expect(plan.bundle).toEqual(bundle.command);
  expect(plan.platforms[0]?.layers).toEqual([
    { title: 'files dist/bundle -> /app', origin: 'own', key: null, cached: false },
  ]);
  await expect(planBuild(await project.load(), buildOptions({ bundle: false }), project.io)).rejects.toMatchObject({
    code: 'LAYER_SOURCE_MISSING',
  });
  await project.manifest({ layers: [{ from: 'nowhere', to: '/app' }] }, { bundle });
  await expect(planBuild(await project.load(), buildOptions(), project.io)).rejects.toMatchObject({
    code: 'LAYER_SOURCE_MISSING',
  });
});
