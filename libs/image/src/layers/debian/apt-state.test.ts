import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silent } from '@baton/kernel';
import { needs, temporaryDirectory, writeFiles } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { aptEnv, openApt } from './apt-state.ts';

function io(root: string, env: NodeJS.ProcessEnv = process.env) {
  return { emit: silent, cacheDir: join(root, 'cache'), env, epoch: 0, locked: false };
}

needs('apt').describe('the private world of apt', () => {
  test('keeps everything below the cache, and overrules a careless host', async () => {
    const root = temporaryDirectory();
    const host = join(root, 'host.conf');
    await writeFile(
      host,
      `APT::Architectures { "i386"; "riscv64"; };
APT::Get::AllowUnauthenticated "true"; Acquire::AllowInsecureRepositories "true";
APT::Update::Post-Invoke { "touch ${root}/ran"; };
Acquire::IndexTargets::deb::Big { MetaKey "big"; };
Dir::State "/elsewhere"; Dir::Cache "/elsewhere";\n`,
    );
    const apt = await openApt('arm64', io(root, { ...process.env, APT_CONFIG: host }));
    const dump = (await apt.run('apt-config', ['dump'])).stdout.toString();
    const value = (name: string): string | undefined => new RegExp(`^${name} "(.*)";$`, 'im').exec(dump)?.[1];
    expect(value('Dir::State')).toBe(apt.dir);
    expect(value('Dir::State::Lists')).toBe(join(apt.dir, 'lists'));
    expect(value('Dir::State::status')).toBe(join(apt.dir, 'status'));
    expect(value('Dir::Cache')).toBe(join(apt.dir, 'cache'));
    expect(dump.match(/^APT::Architectures:: "(.*)";$/gm)).toEqual(['APT::Architectures:: "arm64";']);
    expect(value('APT::Architecture')).toBe('arm64');
    expect(value('APT::Get::AllowUnauthenticated')).toBe('false');
    expect(value('Acquire::AllowInsecureRepositories')).toBe('false');
    expect(dump).not.toContain('touch');
    expect(dump).not.toContain('deb::Big');
    expect(await readFile(join(apt.dir, 'status'), 'utf8')).toBe('');
  });

  test('is used by one at a time', async () => {
    const apt = await openApt('amd64', io(temporaryDirectory()));
    const order: string[] = [];
    const turn = (name: string) =>
      apt.alone(async () => {
        order.push(`${name} in`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${name} out`);
      });
    await Promise.all([turn('a'), turn('b')]);
    expect(order.map((step) => step.slice(2))).toEqual(['in', 'out', 'in', 'out']);
  });
});

describe('a host without apt', () => {
  test('is TOOL_MISSING and is told about bases in registries', async () => {
    const root = temporaryDirectory();
    await mkdir(join(root, 'bin'));
    const apt = await openApt('amd64', io(root, { PATH: join(root, 'bin') }));
    await expect(apt.run('apt-get', ['update'])).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining('a Debian layer needs apt-get and dpkg-deb'),
      hint: expect.stringContaining('base: { ref:'),
    });
  });
});

test('an apt that a killed run left behind is waited for', async () => {
  const root = temporaryDirectory();
  const script = `#!/bin/sh\nif [ -e ${root}/gone ]; then echo fine; exit 0; fi\n: > ${root}/gone\necho 'E: Could not get lock ${root}/lists/lock. It is held by process 7 (apt-get)' >&2\nexit 100\n`;
  await writeFiles(root, { 'bin/apt-get': script });
  await chmod(join(root, 'bin/apt-get'), 0o755);
  const apt = await openApt('amd64', io(root, { PATH: `${root}/bin:/usr/bin:/bin` }));
  const result = await apt.run('apt-get', ['update']);
  expect([result.code, result.stdout.toString()]).toEqual([0, 'fine\n']);
});

test('apt sees no variable of ours but its configuration', () => {
  const env = aptEnv({ PATH: '/p', APT_CONFIG: '/c', GITHUB_TOKEN: 'secret-token', LANG: 'de_DE' });
  expect(env).toMatchObject({ PATH: '/p', APT_CONFIG: '/c', LC_ALL: 'C' });
  expect(Object.keys(env)).not.toContain('GITHUB_TOKEN');
});
