import { join } from 'node:path';
import { silent } from '@baton/kernel';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SourceIo } from '../resolved-layer.ts';
import { integrityOf, type NpmRegistry, npmArchive, startNpmRegistry } from './npm-registry.fixture.ts';
import { npmEnv, publishedIntegrity } from './npm-run.ts';

let registry: NpmRegistry;
beforeAll(async () => {
  registry = await startNpmRegistry();
});
afterAll(() => registry.close());

describe('the integrity a registry states', () => {
  test('is learned without fetching the archive', async () => {
    const archive = await npmArchive({ 'package.json': '{"name":"tool","version":"1.0.0"}' });
    registry.publish('tool', '1.0.0', archive);
    const dir = temporaryDirectory();
    await writeFiles(dir, { '.npmrc': `registry=${registry.url}\n`, 'package.json': '{}' });
    const env = { ...process.env, HOME: dir, npm_config_cache: join(dir, 'npm') };
    const io: SourceIo = { emit: silent, cacheDir: join(dir, 'cache'), env, epoch: 0, locked: false };
    expect(await publishedIntegrity({ name: 'tool', version: '1.0.0', dir }, io)).toBe(integrityOf(archive));
    expect(registry.requests).toEqual(['/tool']);
    for (const [name, version] of [
      ['tool', '2.0.0'],
      ['nosuch', '1.0.0'],
    ] as const) {
      await expect(publishedIntegrity({ name, version, dir }, io)).rejects.toMatchObject({
        code: 'PACKAGE_UNAVAILABLE',
        message: expect.stringContaining(`npm package ${name}@${version} cannot be had`),
      });
    }
  });
});

test("npm sees the user's variables, and nothing of an outer npm run", () => {
  const env = npmEnv({
    NPM_TOKEN: 'secret-token',
    npm_config_registry: 'http://r.example',
    npm_config_userconfig: '/home/u/.npmrc',
    npm_config_workspace: 'libs/x',
    npm_config_workspaces: 'true',
    npm_config_dry_run: 'true',
    npm_config_local_prefix: '/repo',
    npm_package_name: 'outer',
    npm_lifecycle_event: 'demo',
    npm_command: 'run',
    INIT_CWD: '/repo',
  });
  expect(env).toMatchObject({
    NPM_TOKEN: 'secret-token',
    npm_config_registry: 'http://r.example',
    npm_config_userconfig: '/home/u/.npmrc',
  });
  expect(
    Object.keys(env).filter((name) =>
      /workspace|dry_run|local_prefix|npm_package|npm_lifecycle|npm_command|INIT_CWD/.test(name),
    ),
  ).toEqual([]);
});
