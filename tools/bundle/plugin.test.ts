import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { beforeAll, expect, test } from 'vitest';
import { ROOT } from './bundle-program.ts';
import { packagePlugin } from './plugin.ts';

let directory: string;
beforeAll(async () => {
  directory = await packagePlugin(join(temporaryDirectory('plugin'), 'nx'));
});

const json = (file: string) => JSON.parse(readFileSync(join(directory, file), 'utf8'));

test('the package names what Nx looks for, and asks only for the devkit', () => {
  const manifest = json('package.json');
  expect(manifest).toMatchObject({
    name: '@baton/nx',
    type: 'commonjs',
    main: './src/index.js',
    executors: './executors.json',
    generators: './generators.json',
    peerDependencies: { '@nx/devkit': expect.any(String) },
  });
  expect(manifest).not.toHaveProperty('dependencies');
  expect(manifest).not.toHaveProperty('devDependencies');
  for (const target of Object.values(manifest.exports) as string[])
    expect(existsSync(join(directory, target))).toBe(true);
  for (const file of ['README.md', 'LICENSE']) expect(existsSync(join(directory, file))).toBe(true);
});

test('every executor and generator is where its entry says, with its schema', () => {
  const entries = [
    ...Object.values(json('executors.json').executors),
    ...Object.values(json('generators.json').generators),
  ];
  expect(entries.length).toBeGreaterThanOrEqual(4);
  const wanted: [string, string][] = [];
  for (const entry of entries as Record<string, string>[]) {
    expect(existsSync(join(directory, entry.schema ?? ''))).toBe(true);
    for (const place of [entry.implementation, entry.batchImplementation, entry.factory]) {
      const [file = '', name = 'default'] = place?.split('#') ?? [];
      if (place !== undefined) wanted.push([file, name]);
    }
  }
  // Loaded as Nx loads them: by require, without an extension, with nothing but the devkit around.
  const script = `for (const [file, name] of ${JSON.stringify(wanted)})
    if (typeof require(require('node:path').join(${JSON.stringify(directory)}, file))[name] !== 'function') throw new Error(file + '#' + name);
    const plugin = require(${JSON.stringify(directory)});
    if (plugin.createNodes[0] !== '**/agent.yaml') throw new Error('createNodes');`;
  const env = { ...process.env, NODE_PATH: join(ROOT, 'node_modules') };
  expect(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env })).toMatchObject({
    status: 0,
    stderr: '',
  });
});

test('no bundle names a place of this machine', () => {
  for (const file of ['src/index.js', 'src/executors/index.js', 'src/generators/init/generator.js']) {
    expect(readFileSync(join(directory, file), 'utf8')).not.toContain(ROOT);
  }
});
