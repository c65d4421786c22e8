import { describe, expect, test } from 'vitest';
import { isConsumed, type MadeFile, madeFiles } from './debian-config.ts';

async function make(files: Record<string, string>, empty: string[] = []): Promise<Record<string, MadeFile>> {
  const made = await madeFiles({
    paths: [...Object.keys(files), ...empty],
    has: (path) => path in files || empty.includes(path),
    isEmptyDirectory: (path) => empty.includes(path),
    read: async (path) => Buffer.from(files[path] ?? ''),
  });
  return Object.fromEntries(made.map((file) => [file.path, file]));
}

describe('what the scripts of packages would have made', () => {
  test('is made only where its package is there', async () => {
    expect(await make({})).toEqual({});
    expect(Object.keys(await make({ 'usr/share/zoneinfo/Etc/UTC': '' }))).toEqual(['etc/localtime', 'etc/timezone']);
  });

  test('users and groups come from base-passwd', async () => {
    const made = await make({
      'usr/share/base-passwd/passwd.master': 'root:*:0:0:root:/root:/bin/bash\n',
      'usr/share/base-passwd/group.master': 'root:*:0:\n',
    });
    expect(made).toEqual({
      'etc/passwd': { path: 'etc/passwd', text: 'root:*:0:0:root:/root:/bin/bash\n' },
      'etc/group': { path: 'etc/group', text: 'root:*:0:\n' },
    });
  });

  test('certificates become one bundle, in the order of their names, each ending its line', async () => {
    const at = 'usr/share/ca-certificates/mozilla';
    const made = await make({
      [`${at}/b.crt`]: 'B\n',
      [`${at}/a.crt`]: 'A',
      [`${at}/README`]: 'no',
      'usr/share/x.crt': 'no',
    });
    expect(made).toEqual({
      'etc/ssl/certs/ca-certificates.crt': { path: 'etc/ssl/certs/ca-certificates.crt', text: 'A\nB\n' },
    });
    expect([at, `${at}/a.crt`, 'usr/share/ca-certificates', 'usr/share/ca-certificates-java'].map(isConsumed)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  test('names are looked up in files and in the DNS, and localhost is known', async () => {
    const made = await make({ 'etc/debian_version': '12\n' });
    expect(made['etc/nsswitch.conf']).toMatchObject({ text: expect.stringMatching(/^hosts: files dns$/m) });
    expect(made['etc/hosts']).toMatchObject({ text: expect.stringMatching(/^127\.0\.0\.1\tlocalhost$/m) });
  });

  test('nothing of a package is replaced, but an empty directory by its link', async () => {
    const made = await make({ 'etc/debian_version': '', 'etc/hosts': 'own', 'var/lock/x': '' }, ['var/run']);
    expect(made['etc/hosts']).toBeUndefined();
    expect(made['var/run']).toEqual({ path: 'var/run', link: '/run' });
    expect(await make({ 'usr/lib/os-release': '', 'etc/os-release': 'own' })).toEqual({});
  });
});
