import { describe, expect, test } from 'vitest';
import { directoryMode, fileMode, parentEntries, placementOf } from './placement.ts';

describe('placement', () => {
  test('reads target, owner and mode', () => {
    expect(placementOf({ to: '/app' })).toEqual({ target: 'app', into: false, uid: 0, gid: 0, fileMode: undefined });
    expect(placementOf({ to: '/a/b/', owner: '1000:50', mode: '0640' })).toEqual({
      target: 'a/b',
      into: true,
      uid: 1000,
      gid: 50,
      fileMode: 0o640,
    });
    expect(placementOf({ to: '/' })).toMatchObject({ target: '', into: false });
  });

  test('programs are 0755 and others 0644, unless the manifest says', () => {
    const own = placementOf({ to: '/app' });
    expect([fileMode(own, true), fileMode(own, false)]).toEqual([0o755, 0o644]);
    const said = placementOf({ to: '/app', mode: '4711' });
    expect([fileMode(said, true), fileMode(said, false)]).toEqual([0o4711, 0o4711]);
  });

  test('whoever may read the files may enter the directories', () => {
    const modes: [string | undefined, number][] = [
      [undefined, 0o755],
      ['0644', 0o755],
      ['0600', 0o700],
      ['0640', 0o750],
      ['0755', 0o755],
      ['4755', 0o755],
      ['0222', 0o222],
    ];
    for (const [mode, expected] of modes) expect(directoryMode(placementOf({ to: '/a', mode }))).toBe(expected);
  });

  test('the directories above a path belong to root', () => {
    expect(parentEntries('app', 7)).toEqual([]);
    expect(parentEntries('usr/local/bin/node', 7).map((e) => e.path)).toEqual(['usr', 'usr/local', 'usr/local/bin']);
    expect(parentEntries('a/b', 7)[0]).toEqual({
      path: 'a',
      type: 'directory',
      mode: 0o755,
      uid: 0,
      gid: 0,
      mtime: 7,
      size: 0,
    });
  });
});
