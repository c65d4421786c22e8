import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { testHost } from './test-agent.ts';

const modes = {
  apply: [{ path: 'a.sh' }],
  'apply-check': [{ path: 'a_check.sh' }],
  uninstall: [{ path: 'x.sh' }],
  'uninstall-check': [{ path: 'x_check.sh' }],
};

describe('the order of start-up', () => {
  test('a bad buffer limit comes before everything', async () => {
    const { status, stdout, stderr } = await testHost(modes).run('apply', {
      argv: [],
      env: { SKYHOOK_AGENT_BUFFER_LIMIT: '8k' },
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/\nValueError: invalid literal for int\(\) with base 10: '8k'\n$/);
  });

  test.each([
    { argv: [], copy: 'true', stdout: '', variable: 'root_mount' },
    { argv: ['apply'], copy: 'false', stdout: '--------------------\n-CLI CONFIGURATION--\n', variable: 'mode' },
    {
      argv: ['apply', '/r', '/p', 'x', 'y'],
      copy: 'false',
      stdout: '--------------------\n-CLI CONFIGURATION--\n',
      variable: 'mode',
    },
  ])('a wrong number of arguments crashes where they are used first: $argv', async ({
    argv,
    copy,
    stdout,
    variable,
  }) => {
    const run = await testHost(modes).run('apply', { argv, env: { COPY_RESOLV: copy } });
    expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 1, stdout });
    expect(run.stderr).toMatch(
      `\nUnboundLocalError: cannot access local variable '${variable}' where it is not associated with a value\n`,
    );
  });

  test('resolv.conf is copied before the banner, and crashes without a place for it', async () => {
    const host = testHost(modes);
    const failed = await host.run('apply', { env: { COPY_RESOLV: 'true' } });
    expect({ status: failed.status, stdout: failed.stdout }).toEqual({ status: 1, stdout: '' });
    expect(failed.stderr).toMatch(
      /\nFileNotFoundError: \[Errno 2\] No such file or directory: '.*\/etc\/resolv\.conf'\n$/,
    );
  });

  test('an unknown mode is a warning and a success, and does nothing', async () => {
    const host = testHost(modes);
    const { status, said, stderr } = await host.run('reconcile');
    expect({ status, said, stderr, files: host.files() }).toEqual({
      status: 0,
      said: '',
      stderr:
        "WARNING:root:This version of the Agent doesn't support the reconcile mode. Options are: uninstall,uninstall-check,upgrade,upgrade-check,apply,apply-check,config,config-check,interrupt,post-interrupt,post-interrupt-check.\n",
      files: [],
    });
  });

  test('a package that is not there comes from the data directory, before config.json is read', async () => {
    const host = testHost(modes);
    const { status } = await host.run('apply', {
      argv: ['apply', host.root, '/opt/pkg'],
      env: { SKYHOOK_DATA_DIR: `${host.root}/pkg` },
    });
    expect(status).toBe(0);
    expect(host.read('/opt/pkg/skyhook_dir/a.sh')).toBe('#!/bin/sh\n');
  });

  test('a package and a data directory that are not there crash', async () => {
    const host = testHost(modes);
    const { status, stderr } = await host.run('apply', {
      argv: ['apply', host.root, '/opt/pkg'],
      env: { SKYHOOK_DATA_DIR: '/not/there' },
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/\nFileNotFoundError: \[Errno 2\] No such file or directory: '\/not\/there'\n$/);
  });

  test('anything at the place of the package keeps it from being copied', async () => {
    const host = testHost(modes);
    host.write('/opt/pkg', 'a file');
    const { status, stderr } = await host.run('apply', {
      argv: ['apply', host.root, '/opt/pkg'],
      env: { SKYHOOK_DATA_DIR: `${host.root}/pkg` },
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/\nNotADirectoryError: /);
  });
});

describe('what a package brings along', () => {
  test('goes onto the root mount with its mode, before expected files are missed', async () => {
    const host = testHost(modes, { expected_config_files: ['one', 'two'] });
    host.write('/pkg/root_dir/etc/new', 'new');
    host.write('/pkg/configmaps/one', '');
    mkdirSync(`${host.root}/pkg/root_dir/empty`, { mode: 0o700 });
    const { status, stderr } = await host.run('apply');
    expect(status).toBe(1);
    expect(stderr).toMatch(/\nSkyhookValidationError: Expected config file two not found in configmaps directory\.\n$/);
    expect(host.read('/etc/new')).toBe('new');
    expect(statSync(`${host.root}/empty`).mode & 0o777).toBe(0o700);
    expect(host.files()).toEqual(['/etc/new']);
  });

  test.each(['uninstall', 'uninstall-check'])('is left alone by %s', async (mode) => {
    const host = testHost(modes, { expected_config_files: ['one'] });
    host.write('/pkg/root_dir/etc/new', 'new');
    expect((await host.run(mode)).status).toBe(0);
    expect(existsSync(`${host.root}/etc/new`)).toBe(false);
  });
});

describe('mode interrupt', () => {
  const data = Buffer.from('{"type": "service_restart", "services": ["a"]}').toString('base64');

  test('does not read config.json', async () => {
    const host = testHost(modes);
    rmSync(`${host.root}/pkg/config.json`);
    const { status, commands } = await host.run('interrupt', { argv: ['interrupt', host.root, '/pkg', data] });
    expect(status).toBe(0);
    expect(commands.map(({ command }) => command.argv)).toEqual([
      ['systemctl', 'daemon-reload'],
      ['systemctl', 'restart', 'a'],
    ]);
  });

  test('also provides the package', async () => {
    const host = testHost(modes);
    const argv = ['interrupt', host.root, '/opt/pkg', data];
    expect((await host.run('interrupt', { argv, env: { SKYHOOK_DATA_DIR: `${host.root}/pkg` } })).status).toBe(0);
    expect(existsSync(`${host.root}/opt/pkg/config.json`)).toBe(true);
  });
});
