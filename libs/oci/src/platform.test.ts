import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPlatform, parsePlatform, samePlatform } from './platform.ts';

describe('parsePlatform', () => {
  test.each([
    ['linux/amd64', { os: 'linux', architecture: 'amd64' }],
    ['linux/arm64/v8', { os: 'linux', architecture: 'arm64', variant: 'v8' }],
    ['linux/arm/v7', { os: 'linux', architecture: 'arm', variant: 'v7' }],
    ['windows/amd64', { os: 'windows', architecture: 'amd64' }],
  ])('%s, and it prints as it was read', (text, expected) => {
    expect(parsePlatform(text)).toEqual(expected);
    expect(formatPlatform(expected)).toBe(text);
  });

  test.each([
    ['linux/x86_64', 'linux/amd64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/AMD64', 'linux/amd64'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/i386', '386'],
    ['Linux/amd64', 'linux/amd64'],
    ['macos/arm64', 'darwin/arm64'],
    ['linus/amd64', 'linux/amd64'],
    ['linux/amd46/v2', 'linux/amd64/v2'],
  ])('%s is refused, and the hint says %s', (text, meant) => {
    expect(() => parsePlatform(text)).toThrow(
      expect.objectContaining({ code: 'INVALID_PLATFORM', hint: expect.stringContaining(`${meant}"`) as string }),
    );
  });

  test.each([
    '',
    'linux',
    'linux/',
    '/amd64',
    'linux/amd64/',
    'linux/amd64/v1/x',
    'linux/amd64/V 1',
    'linux/quantum',
    'a\nb',
  ])('refuses %j', (text) => {
    expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ code: 'INVALID_PLATFORM' }));
  });

  test('any text is a platform that prints as itself, or INVALID_PLATFORM', () => {
    const parts = fc.array(fc.constantFrom('linux', 'amd64', 'arm', 'v7', '/', '', ' ', 'x'), { maxLength: 6 });
    void fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          parts.map((list) => list.join('/')),
        ),
        (text) => {
          try {
            expect(formatPlatform(parsePlatform(text))).toBe(text);
          } catch (error) {
            expect(error).toMatchObject({ code: 'INVALID_PLATFORM' });
          }
        },
      ),
    );
  });
});

describe('samePlatform', () => {
  const same = (a: string, b: string): boolean => samePlatform(parsePlatform(a), parsePlatform(b));

  test('a missing variant is the usual one', () => {
    expect(same('linux/arm64', 'linux/arm64/v8')).toBe(true);
    expect(same('linux/arm', 'linux/arm/v7')).toBe(true);
    expect(same('linux/amd64', 'linux/amd64/v1')).toBe(true);
    expect(same('linux/arm64/8', 'linux/arm64')).toBe(true);
  });

  test('another variant, architecture or system is another platform', () => {
    expect(same('linux/arm/v6', 'linux/arm')).toBe(false);
    expect(same('linux/amd64/v3', 'linux/amd64')).toBe(false);
    expect(same('linux/amd64', 'linux/arm64')).toBe(false);
    expect(same('linux/amd64', 'windows/amd64')).toBe(false);
  });

  test('os.version counts where both have one', () => {
    const windows = parsePlatform('windows/amd64');
    const one = { ...windows, 'os.version': '10.0.17763.1' };
    expect(samePlatform(windows, one)).toBe(true);
    expect(samePlatform(one, { ...one })).toBe(true);
    expect(samePlatform(one, { ...windows, 'os.version': '10.0.20348.1' })).toBe(false);
  });
});
