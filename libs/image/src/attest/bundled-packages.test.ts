import { join } from 'node:path';
import type { LoadedManifest } from '@baton/manifest';
import { loadManifest } from '@baton/manifest';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { bundledPackages } from './bundled-packages.ts';

const INTEGRITY = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;

async function project(
  files: Record<string, string>,
  bundle: object = { metafile: 'dist/meta.json' },
): Promise<LoadedManifest> {
  const root = temporaryDirectory('bundled');
  const dir = join(root, 'apps/agent');
  await writeFiles(root, files);
  await writeFiles(dir, {
    'agent.yaml': JSON.stringify({ version: 1, name: 'agent', bundle: { command: ['true'], ...bundle } }),
  });
  return await loadManifest(dir);
}

function metafile(inputs: Record<string, number>): string {
  const entries = Object.entries(inputs).map(([input, bytesInOutput]) => [input, { bytesInOutput }]);
  return JSON.stringify({ inputs: {}, outputs: { 'dist/main.cjs': { inputs: Object.fromEntries(entries) } } });
}

const LOCK = JSON.stringify({
  lockfileVersion: 3,
  packages: {
    'node_modules/plain': { version: '1.0.0', license: 'MIT', integrity: INTEGRITY },
    'node_modules/alias': { name: '@real/name', version: '2.0.0' },
    'node_modules/plain/node_modules/deep': { version: '3.0.0', license: 'ISC' },
  },
});

test('names what has bytes in the bundle, from what is installed and from the lock', async () => {
  const loaded = await project({
    'package-lock.json': LOCK,
    'node_modules/plain/package.json': JSON.stringify({ name: 'plain', version: '1.0.0', license: 'MIT' }),
    'node_modules/moved/package.json': JSON.stringify({ name: 'moved', version: '9.9.9', licenses: [{ type: 'ISC' }] }),
    'apps/agent/dist/meta.json': metafile({
      'src/main.ts': 10,
      '../../libs/own/src/index.ts': 10,
      '../../node_modules/plain/index.js': 5,
      '../../node_modules/plain/other.js': 5,
      '../../node_modules/plain/node_modules/deep/index.js': 5,
      '../../node_modules/alias/index.js': 5,
      '../../node_modules/moved/index.js': 5,
      '../../node_modules/@scope/lost/index.js': 5,
      '../../node_modules/shaken/index.js': 0,
      'ns:virtual': 3,
    }),
  });
  expect(await bundledPackages(loaded)).toEqual({
    packages: [
      { name: '@real/name', version: '2.0.0' },
      { name: '@scope/lost' },
      { name: 'deep', version: '3.0.0', license: 'ISC' },
      { name: 'moved', version: '9.9.9', license: 'ISC' },
      { name: 'plain', version: '1.0.0', license: 'MIT', integrity: INTEGRITY },
    ],
  });
});

test('an integrity is for the locked version alone', async () => {
  const loaded = await project({
    'package-lock.json': LOCK,
    'node_modules/plain/package.json': JSON.stringify({ name: 'plain', version: '1.0.1' }),
    'apps/agent/dist/meta.json': metafile({ '../../node_modules/plain/index.js': 5 }),
  });
  expect((await bundledPackages(loaded))?.packages).toEqual([{ name: 'plain', version: '1.0.1' }]);
});

test.each([
  ['no metafile is named', {}, {}, /names no bundle\.metafile/],
  ['it is not there', {}, { metafile: 'dist/meta.json' }, /dist\/meta\.json is not there/],
  [
    'it is something else',
    { 'apps/agent/dist/meta.json': '[1]' },
    { metafile: 'dist/meta.json' },
    /no metafile of esbuild/,
  ],
])('says that it does not know: %s', async (_, files, bundle, reason) => {
  const found = await bundledPackages(await project(files, bundle));
  expect(found).toEqual({ packages: [], unknown: expect.stringMatching(reason) });
});

test('a project without bundle has none', async () => {
  const dir = temporaryDirectory('bundled');
  await writeFiles(dir, { 'agent.yaml': JSON.stringify({ version: 1, name: 'agent' }) });
  expect(await bundledPackages(await loadManifest(dir))).toBeUndefined();
});
