import fc from 'fast-check';
import { expect, test } from 'vitest';
import { installedPackages, osRelease } from './dpkg-database.ts';

const STATUS = `Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.36-9+deb12u10
Description: GNU C Library
 Package: not-a-field
 .

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: tzdata
Status: hold ok installed
Architecture: all
Version: 2024a-0

Package: half
Status: install ok half-installed
Version: 3
`;

test('what is installed, whatever is held, and nothing else', () => {
  expect(installedPackages(STATUS)).toEqual([
    { name: 'libc6', version: '2.36-9+deb12u10', architecture: 'amd64', source: 'glibc' },
    { name: 'tzdata', version: '2024a-0', architecture: 'all' },
  ]);
});

test('a part of status.d needs no status', () => {
  expect(installedPackages('Package: base\nVersion: 1.0\nArchitecture: arm64\n')).toEqual([
    { name: 'base', version: '1.0', architecture: 'arm64' },
  ]);
});

test('any text is read to an end', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => Array.isArray(installedPackages(text))));
});

test('a line of any length takes no time', () => {
  const line = `Package: a${' '.repeat(2_000_000)}b`;
  expect(installedPackages(`${line}\nVersion: 1\n`)).toHaveLength(1);
});

test('os-release', () => {
  expect(osRelease('NAME="Debian"\nID=debian\nVERSION_ID="12"\n')).toEqual({ id: 'debian', version: '12' });
  expect(osRelease('ID="bad id"\n')).toEqual({});
});
