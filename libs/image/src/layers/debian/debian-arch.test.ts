import { parsePlatform } from '@baton/oci';
import { expect, test } from 'vitest';
import { debianArchitecture } from './debian-arch.ts';

test('platforms have their Debian names', () => {
  const names = [
    'linux/amd64',
    'linux/arm64',
    'linux/arm/v7',
    'linux/ppc64le',
    'linux/386',
    'linux/riscv64',
    'linux/s390x',
  ];
  const known = names.map((text) => debianArchitecture(parsePlatform(text)));
  expect(known).toEqual(['amd64', 'arm64', 'armhf', 'ppc64el', 'i386', 'riscv64', 's390x']);
});

test('a platform without Debian is PLATFORM_UNSUPPORTED and says which have it', () => {
  expect(() => debianArchitecture(parsePlatform('freebsd/amd64'))).toThrow(
    expect.objectContaining({
      code: 'PLATFORM_UNSUPPORTED',
      message: 'Debian has no packages for freebsd/amd64',
      hint: expect.stringContaining('linux/amd64'),
    }),
  );
});
