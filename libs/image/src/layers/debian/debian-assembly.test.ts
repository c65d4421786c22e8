import { join } from 'node:path';
import { readTar, type TarEntry, type TarHeader, writeTar } from '@baton/oci';
import { temporaryDirectory } from '@baton/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listEntries, readEntries } from '../entries.fixture.ts';
import { openSpool } from '../spool.ts';
import { assemble, type PackageContent } from './debian-assembly.ts';

const own = { mode: 0o644, uid: 0, gid: 0, mtime: 1_700_000_000, size: 0 };
const dir = (path: string, more: Partial<TarHeader> = {}): TarEntry => ({
  ...own,
  path,
  type: 'directory',
  mode: 0o755,
  ...more,
});
const link = (path: string, linkTarget: string): TarEntry => ({
  ...own,
  path,
  type: 'symlink',
  mode: 0o777,
  linkTarget,
});
const hard = (path: string, linkTarget: string): TarEntry => ({ ...own, path, type: 'hardlink', linkTarget });
const file = (path: string, text = path, more: Partial<TarHeader> = {}): TarEntry => {
  const content = Buffer.from(text);
  return { ...own, path, type: 'file', content, size: content.byteLength, ...more };
};
const pack = (name: string, ...entries: TarEntry[]): PackageContent => ({
  name,
  status: `Package: ${name}\n`,
  files: () => readTar(writeTar(entries), name),
});

async function build(packages: PackageContent[]): Promise<TarEntry[]> {
  const spool = await openSpool(join(temporaryDirectory(), 'spool'));
  onTestFinished(() => spool.close());
  return await assemble(packages, spool, 7);
}

/** Without the status files, which are the same everywhere. */
async function list(...packages: PackageContent[]): Promise<string[]> {
  const lines = await listEntries(await build(packages));
  return lines.filter((line) => !/ var(\/lib(\/dpkg(\/.*)?)?)?$/.test(line));
}

describe('assembling packages', () => {
  test('merges /usr, with links in place of the old directories, and adds missing parents', async () => {
    const lines = await list(
      pack(
        'libc6',
        dir('lib'),
        dir('lib/a'),
        file('lib/a/libc.so.6', 'c', { mode: 0o755 }),
        link('lib64/ld.so', '/lib/a/libc.so.6'),
      ),
      pack('other', file('usr/lib/a/b', 'b'), link('lib', 'usr/lib'), hard('lib/a/c', 'lib/a/d'), file('lib/a/d')),
    );
    expect(lines).toEqual([
      'symlink 0777 0:0 lib -> usr/lib',
      'symlink 0777 0:0 lib64 -> usr/lib64',
      'directory 0755 0:0 usr',
      'directory 0755 0:0 usr/lib',
      'directory 0755 0:0 usr/lib/a',
      'file 0644 0:0 usr/lib/a/b',
      'file 0644 0:0 usr/lib/a/d',
      'file 0755 0:0 usr/lib/a/libc.so.6',
      'directory 0755 0:0 usr/lib64',
      'symlink 0777 0:0 usr/lib64/ld.so -> /lib/a/libc.so.6',
      'hardlink 0644 0:0 usr/lib/a/c -> usr/lib/a/d',
    ]);
  });

  test('leaves out manuals, takes owners and permissions from the packages, times from nobody', async () => {
    const entries = await build([
      pack(
        'a',
        dir('var/local', { mode: 0o2775, gid: 50 }),
        file('usr/share/man/man1/a.1'),
        file('usr/share/doc/a/copyright'),
        file('usr/share/doc/a/README'),
      ),
    ]);
    expect(entries.find((e) => e.path === 'var/local')).toMatchObject({ mode: 0o2775, gid: 50 });
    expect(entries.map((e) => e.path).filter((path) => path.startsWith('usr/share/'))).toEqual([
      'usr/share/doc',
      'usr/share/doc/a',
      'usr/share/doc/a/copyright',
    ]);
    expect(new Set(entries.map((e) => e.mtime))).toEqual(new Set([7]));
  });

  test('says which packages are there, for scanners', async () => {
    const found = await readEntries(await build([pack('a', file('etc/a')), pack('libstdc++6', file('etc/b'))]));
    const status = found.filter((e) => e.path.startsWith('var/lib/dpkg/status.d/'));
    expect(status.map((e) => [e.path, e.text])).toEqual([
      ['var/lib/dpkg/status.d/a', 'Package: a\n'],
      ['var/lib/dpkg/status.d/libstdc++6', 'Package: libstdc++6\n'],
    ]);
  });

  test('makes files from what packages hold, and leaves out what only served for that', async () => {
    const found = await readEntries(
      await build([
        pack('ca-certificates', dir('usr/share/ca-certificates'), file('usr/share/ca-certificates/m/x.crt', 'X\n')),
        pack(
          'base-files',
          file('etc/debian_version'),
          dir('var/run'),
          dir('var/lock', { mode: 0o1777 }),
          file('var/lock/x'),
        ),
      ]),
    );
    expect(found.find((e) => e.path === 'etc/ssl/certs/ca-certificates.crt')).toMatchObject({
      text: 'X\n',
      mode: 0o644,
    });
    expect(found.filter((e) => e.path.includes('share/ca-certificates'))).toEqual([]);
    expect(found.find((e) => e.path === 'var/run')).toMatchObject({ type: 'symlink', linkTarget: '/run' });
    expect(found.find((e) => e.path === 'var/lock')).toMatchObject({ type: 'directory', mode: 0o1777 });
  });

  test('gives the same entries whatever the order of the packages; base-files decides about shared directories', async () => {
    const a = pack('a', dir('tmp'), file('usr/x', 'same'));
    const b = pack('base-files', dir('tmp', { mode: 0o1777 }));
    const c = pack('c', dir('tmp', { mode: 0o700 }), file('usr/x', 'same'));
    const orders = await Promise.all([list(a, b, c), list(c, b, a), list(b, a, c)]);
    expect(orders[0]).toContain('directory 1777 0:0 tmp');
    expect(orders[1]).toEqual(orders[0]);
    expect(orders[2]).toEqual(orders[0]);
  });

  const conflicts: [what: string, a: TarEntry, b: TarEntry][] = [
    ['different content', file('etc/x', '1'), file('etc/x', '2')],
    ['different permissions', file('etc/x', '1'), file('etc/x', '1', { mode: 0o600 })],
    ['a file and a directory', file('etc/x'), dir('etc/x')],
    ['a link and a file', link('etc/x', 'y'), file('etc/x')],
    ['the same file before and after merging', file('lib/x', '1'), file('usr/lib/x', '2')],
  ];
  for (const [what, a, b] of conflicts) {
    test(`${what} at one path is CONTEXT_INVALID and names both packages`, async () => {
      await expect(build([pack('one', a), pack('two', b)])).rejects.toMatchObject({
        code: 'CONTEXT_INVALID',
        message: expect.stringMatching(
          /^the Debian packages one and two hold different things at \/(etc|usr\/lib)\/x$/,
        ),
      });
    });
  }

  test('a device is LAYER_INVALID', async () => {
    const device: TarEntry = { ...own, path: 'dev/null', type: 'character', device: { major: 1, minor: 3 } };
    await expect(build([pack('one', device)])).rejects.toMatchObject({
      code: 'LAYER_INVALID',
      message: 'Debian package one holds a character, "dev/null"',
    });
  });

  test('a hard link to what is left out is an error, not a hole', async () => {
    await expect(
      build([pack('one', file('usr/share/doc/one/README'), hard('etc/x', 'usr/share/doc/one/README'))]),
    ).rejects.toMatchObject({
      message: expect.stringContaining('usr/share/doc/one/README'),
    });
  });
});
