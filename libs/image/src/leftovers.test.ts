import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ensureDir, temporaryName } from '@baton/kernel';
import { startRegistryServer } from '@baton/testkit';
import { expect, test } from 'vitest';
import { buildImage } from './build-image.ts';
import { buildOptions, publishOptions, testProject } from './project.fixture.ts';
import { publishImage } from './publish-image.ts';

test('a build removes what a killed one left half-written, and nothing of a living one', async () => {
  const project = await testProject();
  const places = ['dist/image', 'dist/evidence'].map((place) => join(project.dir, place));
  places.push(join(project.io.cacheDir, 'v1/layers'), join(project.io.cacheDir, 'v1/stamps'));
  const mine: string[] = [];
  for (const place of places) {
    await ensureDir(place);
    const alive = temporaryName(join(place, 'file.json'));
    // A process with this start time and number does not exist any more.
    const dead = alive.replace(/\.(\d+)-(\d+)-/, '.$1-1-');
    for (const path of [alive, dead]) writeFileSync(path, 'half');
    mine.push(basename(alive));
  }
  await buildImage(await project.load(), buildOptions(), project.io);
  const left = places.flatMap((place) => readdirSync(place).filter((name) => name.endsWith('.tmp')));
  expect(left.sort()).toEqual(mine.sort());
});

test('a publish that finds the build done removes what a killed one left as well', async () => {
  const registry = await startRegistryServer();
  try {
    const project = await testProject();
    const options = publishOptions({ build: true, repository: `${registry.host}/left/over`, tag: ['edge'] });
    await publishImage(await project.load(), options, project.io);
    const stamps = join(project.io.cacheDir, 'v1/stamps');
    const dead = temporaryName(join(stamps, 'file.json')).replace(/\.(\d+)-(\d+)-/, '.$1-1-');
    writeFileSync(dead, 'half');
    // Another tag: the publish has work to do, the build has none.
    await publishImage(await project.load(), { ...options, tag: ['other'] }, project.io);
    expect(readdirSync(stamps).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  } finally {
    await registry.stop();
  }
});
