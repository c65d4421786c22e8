import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type ChildCommand,
  killMatrix,
  needs,
  proofSample,
  runNode,
  temporaryDirectory,
  writeFiles,
} from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeArchive, type TestArchive } from './debian/debian-archive.fixture.ts';
import { type NpmRegistry, npmArchive, startNpmRegistry } from './npm/npm-registry.fixture.ts';

const MINUTES = 60_000;
const at = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** Every point of a long matrix, or every fourth when the proofs are short. */
const choose = {
  choose: (_: unknown, index: number): boolean => proofSample([...Array(1000).keys()], 4).includes(index),
};

async function output(command: ChildCommand): Promise<string> {
  const result = await runNode(command.script, command.args, command.options);
  expect(result.stderr.toString()).toBe('');
  return result.stdout.toString();
}

/** Names below a directory that a killed run would have left and nobody removed. */
async function leftovers(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true });
  return names.filter((name) => name.endsWith('.tmp'));
}

describe('killed at any effect, a second run finishes and leaves nothing half-made', () => {
  let npm: NpmRegistry;
  beforeAll(async () => {
    npm = await startNpmRegistry();
    npm.publish(
      'tool',
      '1.0.0',
      await npmArchive({ 'package.json': '{"name":"tool","version":"1.0.0"}', 'bin/tool*': 'x' }),
    );
  });
  afterAll(() => npm.close());

  test(
    'an npm layer',
    async () => {
      const prepare = async (): Promise<{ command: ChildCommand; cache: string }> => {
        const dir = temporaryDirectory('kill');
        await writeFiles(dir, { '.npmrc': `registry=${npm.url}\n`, 'package.json': '{}' });
        const env = { HOME: dir, BATON_CACHE_DIR: join(dir, 'cache'), npm_config_cache: join(dir, 'npm') };
        return {
          command: { script: at('npm/npm-tar.fixture.ts'), args: ['tool', '1.0.0'], options: { cwd: dir, env } },
          cache: join(dir, 'cache'),
        };
      };
      const expected = await output((await prepare()).command);
      const points = await killMatrix(
        prepare,
        async ({ command, cache }) => {
          expect(await output(command)).toBe(expected);
          expect(await leftovers(cache)).toEqual([]);
          expect(await readdir(join(cache, 'v1/npm'))).toHaveLength(2);
        },
        choose,
      );
      expect(points.length).toBeGreaterThan(5);
    },
    10 * MINUTES,
  );

  needs('apt', 'gpg').describe('Debian', () => {
    let archive: TestArchive;
    beforeAll(async () => {
      archive = await makeArchive(temporaryDirectory());
      await archive.publish([
        { name: 'one', version: '1.0', files: { 'lib/one': 'one' } },
        { name: 'two', version: '2.0', files: { 'lib/two': 'two' } },
      ]);
    });
    afterAll(() => archive.close());

    test(
      'a Debian layer',
      async () => {
        const prepare = async (): Promise<{ command: ChildCommand; cache: string }> => {
          const dir = temporaryDirectory('kill');
          const env = { BATON_CACHE_DIR: join(dir, 'cache'), APT_CONFIG: archive.env.APT_CONFIG };
          return {
            command: { script: at('debian/debian-tar.fixture.ts'), args: ['one', 'two'], options: { env } },
            cache: join(dir, 'cache'),
          };
        };
        const expected = await output((await prepare()).command);
        const points = await killMatrix(
          prepare,
          async ({ command, cache }) => {
            expect(await output(command)).toBe(expected);
            expect(await leftovers(cache)).toEqual([]);
            expect(await readdir(join(cache, 'v1/debian/amd64/debs'))).toHaveLength(2);
          },
          choose,
        );
        expect(points.length).toBeGreaterThan(10);
      },
      20 * MINUTES,
    );
  });
});
