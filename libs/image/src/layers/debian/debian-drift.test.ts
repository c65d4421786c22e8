import { describe, expect, test } from 'vitest';
import { describeDrift, driftBetween, drifted, notesOn } from './debian-drift.ts';

const pin = (version: string, hex: string) => ({ version, sha256: hex.repeat(64), size: 1 });
const found = (name: string, version: string, hex: string) => ({ package: name, ...pin(version, hex) });

describe('drift', () => {
  const drift = driftBetween(
    { same: pin('1', 'a'), moved: pin('1', 'a'), rebuilt: pin('1', 'a'), unasked: pin('1', 'a') },
    [found('same', '1', 'a'), found('moved', '2', 'b'), found('rebuilt', '1', 'b'), found('new', '3', 'c')],
  );

  test('is what differs, in words', () => {
    expect(drift.map(describeDrift)).toEqual([
      'moved 1 is locked, the archive has 2',
      'rebuilt 1 has sha256 aaaaaaaaaaaa in the lock, bbbbbbbbbbbb in the archive',
      'new 3 is not in the lock',
    ]);
    expect(describeDrift({ package: 'gone', locked: pin('1', 'a') })).toBe(
      'gone 1 is locked, the archive does not have it',
    );
  });

  test('is noted where the archive is followed', () => {
    expect(notesOn('amd64', drift)).toEqual([
      'debian/amd64: moved 1 is locked, the archive has 2, and that is taken',
      'debian/amd64: rebuilt 1 has sha256 aaaaaaaaaaaa in the lock, bbbbbbbbbbbb in the archive, and that is taken',
      'debian/amd64: not in the lock: new',
    ]);
    expect(notesOn('amd64', [])).toEqual([]);
  });

  test('is an error where the lock is followed, with every package in its details', () => {
    expect(drifted('arm64', drift)).toMatchObject({
      code: 'BASE_DRIFT',
      message: 'Debian packages for arm64 moved: moved 1 is locked, the archive has 2 (and 2 more)',
      hint: expect.stringContaining('baton image lock'),
      details: {
        architecture: 'arm64',
        moved: [
          { package: 'moved', locked: '1', found: '2' },
          { package: 'rebuilt' },
          { package: 'new', locked: null },
        ],
      },
    });
  });
});
