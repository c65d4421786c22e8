import { describe, expect, test } from 'vitest';
import { parseControl, statusEntry } from './dpkg-status.ts';

const control = `Package: libstdc++6
Source: gcc-12 (12.2.0-14)
Version: 12.2.0-14+deb12u1
Architecture: amd64
Depends: gcc-12-base (= 12.2.0-14+deb12u1), libc6 (>= 2.36)
Description: GNU Standard C++ Library v3
 This package contains an additional runtime library.
 .
 Version: not this one
`;

describe('a control paragraph', () => {
  test('is read', () => {
    expect(parseControl(Buffer.from(`\n${control}\n\n`), 'x')).toEqual({
      package: 'libstdc++6',
      version: '12.2.0-14+deb12u1',
      architecture: 'amd64',
      text: control.trimEnd(),
    });
  });

  test('becomes an installed package, other lines as they are', () => {
    const lines = statusEntry(parseControl(Buffer.from(control), 'x')).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'Package: libstdc++6',
      'Status: install ok installed',
      'Source: gcc-12 (12.2.0-14)',
    ]);
    expect(lines.at(-1)).toBe('');
    expect(statusEntry(parseControl(Buffer.from(`${control}Status: other\n`), 'x')).match(/^Status:/gm)).toHaveLength(
      1,
    );
  });

  test('without a needed field, or two of them, is LAYER_INVALID', () => {
    for (const [text, message] of [
      ['Package: a\nArchitecture: all\n', /control file of x has no Version/],
      ['Package:\nVersion: 1\nArchitecture: all\n', /has no Package/],
      ['Package: a\nVersion: 1\nArchitecture: all\n\nPackage: b\n', /two paragraphs/],
    ] as const) {
      expect(() => parseControl(Buffer.from(text), 'x')).toThrow(
        expect.objectContaining({ code: 'LAYER_INVALID', message: expect.stringMatching(message) }),
      );
    }
  });
});
