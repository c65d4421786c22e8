import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { floors } from './floors.ts';

const ROOMS = [
  'kernel',
  'manifest',
  'evidence',
  'oci',
  'git',
  'report',
  'image',
  'node-agent',
  'parity',
  'changelog',
  'release',
  'testkit',
];
const PACKAGES = [
  'nx',
  '@nx/devkit',
  'dockerode',
  '@octokit/rest',
  'koffi',
  'zod',
  'commander',
  'listr2',
  'vitest',
  'fast-check',
  'undeclared',
];
const DECLARED = Object.fromEntries(PACKAGES.filter((name) => name !== 'undeclared').map((name) => [name, '1.0.0']));

/** A house with the rooms of the real one, in order but for the given files. */
async function house(files: Record<string, string>): Promise<string> {
  const root = temporaryDirectory('floors');
  const base: Record<string, string> = {
    'tsconfig.json': JSON.stringify({
      compilerOptions: { module: 'nodenext', allowImportingTsExtensions: true, noEmit: true },
    }),
    'package.json': JSON.stringify({ name: 'house', type: 'module' }),
    'apps/baton/package.json': JSON.stringify({ name: '@baton/cli', type: 'module', dependencies: DECLARED }),
    'apps/baton/src/main.ts': `import '@baton/image';`,
    'tools/executors/package.json': JSON.stringify({ name: '@baton/nx', type: 'module', dependencies: DECLARED }),
    'tools/executors/src/plugin.ts': `import '@nx/devkit'; import '@baton/image';`,
    'libs/image/src/index.ts': `import '@baton/oci'; import '@baton/manifest'; export {};`,
    'libs/parity/src/index.ts': `import './fuzz/draw.ts'; export {};`,
    'libs/parity/src/fuzz/draw.ts': `import 'fast-check'; export {};`,
    'libs/release/src/index.ts': `import '@baton/changelog'; export {};`,
    'libs/image/src/image.test.ts': `import '@baton/testkit'; import 'vitest'; import './test-helper.ts'; import './index.ts';`,
    'libs/image/src/test-helper.ts': `import '@baton/testkit'; export {};`,
  };
  for (const room of ROOMS) {
    base[`libs/${room}/package.json`] = JSON.stringify({
      name: `@baton/${room}`,
      type: 'module',
      exports: { '.': './src/index.ts' },
      dependencies: DECLARED,
    });
    base[`libs/${room}/src/index.ts`] ??= 'export {};';
  }
  for (const name of PACKAGES) {
    base[`node_modules/${name}/package.json`] = JSON.stringify({ name, version: '1.0.0', exports: './index.js' });
    base[`node_modules/${name}/index.js`] = '';
  }
  await writeFiles(root, { ...base, ...files });
  await mkdir(join(root, 'node_modules', '@baton'), { recursive: true });
  for (const room of ROOMS) await symlink(`../../libs/${room}`, join(root, 'node_modules', '@baton', room));
  return root;
}

// Each breach is a file of its own, planted into a house that is in order: rule, file, what it holds.
const BREACHES: readonly (readonly [rule: string, file: string, source: string])[] = [
  ['resolvable', 'libs/oci/src/gone.ts', `import './nowhere.ts';`],
  ['no-cycles', 'libs/oci/src/round.ts', `import type { A } from './trip.ts'; export type B = A;`],
  ['no-cycles', 'libs/oci/src/trip.ts', `import type { B } from './round.ts'; export type A = B | 1;`],
  ['known-room', 'libs/attic/src/index.ts', `import '@baton/kernel';`],
  ['index-only', 'libs/image/src/deep.ts', `import '../../oci/src/round.ts';`],
  ['index-only-from-outside', 'apps/baton/src/deep.ts', `import '../../../libs/oci/src/round.ts';`],
  ['kernel-imports-no-room', 'libs/kernel/src/up.ts', `import '@baton/manifest';`],
  ['ground-on-kernel', 'libs/manifest/src/side.ts', `import '@baton/evidence';`],
  ['ground-on-kernel', 'libs/evidence/src/up.ts', `import type {} from '@baton/oci';`],
  ['adapters-on-ground', 'libs/oci/src/side.ts', `import '@baton/report';`],
  ['adapters-on-ground', 'libs/git/src/up.ts', `import '@baton/image';`],
  ['capabilities-apart', 'libs/release/src/side.ts', `import '@baton/image';`],
  ['changelog-for-release', 'libs/image/src/log.ts', `import '@baton/changelog';`],
  ['node-agent-alone', 'libs/node-agent/src/down.ts', `import '@baton/kernel';`],
  ['libraries-below-delivery', 'libs/image/src/up.ts', `import '../../../apps/baton/src/main.ts';`],
  ['deliveries-apart', 'apps/baton/src/side.ts', `import '../../../tools/executors/src/plugin.ts';`],
  ['testkit-for-tests', 'libs/image/src/help.ts', `import '@baton/testkit';`],
  ['testkit-stands-low', 'libs/testkit/src/high.ts', `import '@baton/image';`],
  ['tests-are-leaves', 'libs/image/src/borrow.ts', `import './test-helper.ts';`],
  ['no-test-imports-a-test', 'libs/image/src/a.test.ts', `import './image.test.ts';`],
  ['nx-in-the-plugin', 'libs/image/src/nx.ts', `import '@nx/devkit';`],
  ['nx-in-the-plugin', 'apps/baton/src/nx.ts', `import 'nx';`],
  ['dockerode-in-engine', 'libs/image/src/docker.ts', `import 'dockerode';`],
  ['octokit-in-github', 'libs/release/src/octokit.ts', `import '@octokit/rest';`],
  ['native-code-in-node-agent', 'libs/image/src/native.ts', `import 'koffi';`],
  ['native-code-in-node-agent', 'libs/node-agent/src/native.ts', `import 'koffi';`],
  ['zod-where-options-are', 'libs/oci/src/zod.ts', `import * as z from 'zod'; export const a = z;`],
  ['commander-in-the-command', 'tools/executors/src/words.ts', `import 'commander';`],
  ['listr2-in-the-demo', 'libs/image/src/list.ts', `import 'listr2';`],
  ['test-packages-in-tests', 'libs/image/src/vitest.ts', `import 'vitest';`],
  ['fast-check-in-fuzz', 'libs/image/src/draw.ts', `import 'fast-check';`],
  ['fast-check-in-fuzz', 'libs/parity/src/runner/draw.ts', `import 'fast-check';`],
  ['declared-packages', 'libs/image/src/undeclared.ts', `import 'undeclared';`],
  ['processes-start-in-the-kernel', 'libs/git/src/spawn.ts', `import 'node:child_process';`],
  ['processes-start-in-the-kernel', 'libs/git/src/spawn-too.ts', `import 'child_process';`],
  ['processes-start-in-the-kernel', 'libs/node-agent/src/spawn.ts', `import 'node:child_process';`],
  ['network-in-adapters', 'libs/node-agent/src/net.ts', `import 'node:net';`],
  ['network-in-adapters', 'libs/image/src/net.ts', `import 'node:https';`],
  ['no-orphans', 'libs/image/src/forgotten.ts', 'export const a = 1;'],
];

describe('floors', () => {
  test('a house in order has no problems, and was looked at', async () => {
    const { summary, problems } = await floors.run(await house({}), false);
    expect(problems).toEqual([]);
    expect(Number.parseInt(summary, 10)).toBeGreaterThan(12);
  });

  describe('in a house with breaches', () => {
    let problems: string[];
    beforeAll(async () => {
      const files = Object.fromEntries(BREACHES.map(([, file, source]) => [file, source]));
      ({ problems } = await floors.run(await house(files), false));
    });

    test.each(BREACHES)('%s is caught in %s', (rule, file) => {
      const caught = problems.filter(
        (problem) => problem.split(/ -> |: /).includes(file) && problem.includes(`: ${rule}. `),
      );
      expect(caught, problems.join('\n')).not.toEqual([]);
      // The sentence behind the name says what to do.
      for (const problem of caught) expect(problem).toMatch(/: [a-z0-9-]+\. [A-Z].*\.$/);
    });
  });

  test('every rule has a breach that proves it', async () => {
    const config = (await import(new URL('../../.dependency-cruiser.mjs', import.meta.url).href)) as {
      default: { forbidden: { name: string }[] };
    };
    const proved = new Set(BREACHES.map(([rule]) => rule));
    expect(config.default.forbidden.map(({ name }) => name).filter((name) => !proved.has(name))).toEqual([]);
  });

  test('a house without modules is a problem, not a success', async () => {
    const root = temporaryDirectory('empty');
    await writeFiles(root, { 'libs/readme.txt': '', 'tsconfig.json': '{}' });
    expect((await floors.run(root, false)).problems).not.toEqual([]);
  });
});
