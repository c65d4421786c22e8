import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { copyResolv } from './resolv.ts';

test('the host gets the contents, and keeps mode and file', () => {
  const { root, source, target } = world();
  writeFileSync(target, 'nameserver 10.0.0.1\n# longer than the new one\n');
  chmodSync(target, 0o600);
  const { ino } = statSync(target);
  copyResolv(root, source);
  expect(readFileSync(target, 'utf8')).toBe('nameserver 192.0.2.53\n');
  expect(statSync(target)).toMatchObject({ ino, mode: 0o100600 });
});

test('a link on the host is followed', () => {
  const { root, source, target } = world();
  symlinkSync('../real', target);
  copyResolv(root, source);
  expect(readlinkSync(target)).toBe('../real');
  expect(readFileSync(join(root, 'real'), 'utf8')).toBe('nameserver 192.0.2.53\n');
});

test('a new file gets what the umask leaves, not the mode of the source', () => {
  const { root, source, target } = world();
  chmodSync(source, 0o400);
  const umask = process.umask(0o022);
  try {
    copyResolv(root, source);
  } finally {
    process.umask(umask);
  }
  expect(statSync(target).mode & 0o777).toBe(0o644);
});

test('no etc on the host, no source, one file for both: each is a crash', () => {
  const { root, source, target } = world();
  expect(() => copyResolv(`${root}/no`, source)).toThrow(
    `[Errno 2] No such file or directory: '${root}/no/etc/resolv.conf'`,
  );
  expect(() => copyResolv(root, `${root}/gone`)).toThrow(`[Errno 2] No such file or directory: '${root}/gone'`);
  linkSync(source, target);
  expect(() => copyResolv(root, source)).toThrow(
    expect.objectContaining({ type: 'shutil.SameFileError', message: `'${source}' and '${target}' are the same file` }),
  );
  expect(readFileSync(source, 'utf8')).toBe('nameserver 192.0.2.53\n');
});

function world(): { root: string; source: string; target: string } {
  const root = temporaryDirectory();
  mkdirSync(join(root, 'etc'));
  const source = join(root, 'source');
  writeFileSync(source, 'nameserver 192.0.2.53\n');
  return { root, source, target: `${root}/etc/resolv.conf` };
}
