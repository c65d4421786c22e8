import { posix } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDropped, mergedPath, mergedRoot, mergedTarget } from './deb-paths.ts';

describe('merged /usr', () => {
  test('moves the old directories and nothing else', () => {
    const moved: [string, string][] = [
      ['lib', 'usr/lib'],
      ['lib/x86_64-linux-gnu/libc.so.6', 'usr/lib/x86_64-linux-gnu/libc.so.6'],
      ['lib64/ld-linux-x86-64.so.2', 'usr/lib64/ld-linux-x86-64.so.2'],
      ['bin/sh', 'usr/bin/sh'],
      ['sbin/init', 'usr/sbin/init'],
      ['libexec/x', 'libexec/x'],
      ['library', 'library'],
      ['usr/lib/x', 'usr/lib/x'],
      ['etc/bin/x', 'etc/bin/x'],
    ];
    for (const [from, to] of moved) expect(mergedPath(from)).toBe(to);
    expect(['lib64/x', 'lib', 'usr/lib', 'libx'].map(mergedRoot)).toEqual(['lib64', 'lib', undefined, undefined]);
  });

  test('keeps what links mean', () => {
    const links: [path: string, target: string, expected: string][] = [
      ['lib/a/libm.so', 'libm.so.6', 'libm.so.6'],
      ['lib/a/libm.so', '../b/libm.so.6', '../b/libm.so.6'],
      ['lib/a/x', '../../usr/share/x', '../../share/x'],
      ['lib/a/x', '../../etc/x', '../../../etc/x'],
      ['lib/a/x', '../../bin/x', '../../bin/x'],
      ['lib64/ld.so', '/lib/a/ld.so', '/lib/a/ld.so'],
      ['usr/lib/a/x', '../../../lib/a/y', '../../../lib/a/y'],
      ['etc/os-release', '../usr/lib/os-release', '../usr/lib/os-release'],
    ];
    for (const [path, target, expected] of links)
      expect(mergedTarget(path, target), `${path} -> ${target}`).toBe(expected);
  });

  // Where a link leads in a tree in which lib, bin and sbin are links to usr/...: normalised, then merged.
  const meaning = (path: string, target: string): string =>
    mergedPath(posix.normalize(posix.join(posix.dirname(path), target)));
  const name = fc.constantFrom('a', 'b', 'lib', 'bin', 'usr', 'share');

  test('is true of any relative link that stays inside', async () => {
    const path = fc.array(name, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.property(path, path, fc.nat(4), (from, to, up) => {
        const link = ['lib', ...from].join('/');
        const depth = from.length;
        const target = [...Array.from({ length: Math.min(up, depth) }, () => '..'), ...to].join('/');
        const moved = mergedTarget(link, target);
        expect(posix.normalize(posix.join(posix.dirname(mergedPath(link)), moved))).toBe(meaning(link, target));
      }),
      { numRuns: 500 },
    );
  });
});

test('manuals and translations stay out, licences stay in', () => {
  const dropped: [string, string][] = [
    ['usr/share/man/man1/x.1.gz', 'file'],
    ['usr/share/man', 'directory'],
    ['usr/share/locale/de/LC_MESSAGES/x.mo', 'file'],
    ['usr/lib/x86_64-linux-gnu/gconv/UTF-16.so', 'file'],
    ['usr/share/doc/libc6', 'directory'],
    ['usr/share/doc/libc6/changelog.gz', 'file'],
    ['usr/share/doc/libc6/examples/copyright', 'file'],
    ['usr/share/gdb/auto-load/x.py', 'file'],
  ];
  const kept: [string, string][] = [
    ['usr/share/doc/libc6/copyright', 'file'],
    ['usr/share/doc/libgcc-s1', 'symlink'],
    ['usr/share/manual/x', 'file'],
    ['usr/lib/x86_64-linux-gnu/libc.so.6', 'file'],
    ['usr/share/zoneinfo/UTC', 'file'],
    ['usr/share/common-licenses/GPL-3', 'file'],
  ];
  for (const [path, type] of dropped) expect(isDropped(path, type), path).toBe(true);
  for (const [path, type] of kept) expect(isDropped(path, type), path).toBe(false);
});
