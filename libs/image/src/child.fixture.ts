import { loadManifest } from '@baton/manifest';
import { buildImage } from './build-image.ts';
import { buildOptions, publishOptions } from './project.fixture.ts';
import { publishImage } from './publish-image.ts';

// What a test runs in a process of its own: <project> <cache directory> <umask> [publish]; prints the result.
const [dir = '', cacheDir = '', umask = '022', publish] = process.argv.slice(2);
process.umask(Number.parseInt(umask, 8));
const io = { emit: () => undefined, cacheDir, env: process.env };
const project = await loadManifest(dir);
const result =
  publish === undefined
    ? await buildImage(project, buildOptions(), io)
    : await publishImage(project, publishOptions({ build: true }), io);
process.stdout.write(JSON.stringify(result));
