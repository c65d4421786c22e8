import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trackedPaths } from './paths.ts';

async function inside(root: string, path: string): Promise<string | undefined> {
  return (await trackedPaths(root, [path]))[0]?.inside;
}

describe('trackedPaths', () => {
  it('takes absolute paths, and relative ones from the root', async () => {
    const root = temporaryDirectory('paths');
    expect(await trackedPaths(root, [join(root, 'a'), 'b/../c', root, '.', 'd/'])).toEqual([
      { given: join(root, 'a'), inside: 'a' },
      { given: 'b/../c', inside: 'c' },
      { given: root, inside: '.' },
      { given: '.', inside: '.' },
      { given: 'd/', inside: 'd' },
    ]);
  });

  it('asks for each path once', async () => {
    expect(await trackedPaths(temporaryDirectory('paths'), ['a', 'a'])).toHaveLength(1);
  });

  it('resolves the folders on the way, not the last component', async () => {
    const root = temporaryDirectory('paths');
    await mkdir(join(root, 'real', 'x'), { recursive: true });
    await symlink('real', join(root, 'link'));
    expect(await inside(root, 'link')).toBe('link');
    expect(await inside(root, 'link/x')).toBe('real/x');
    expect(await inside(root, 'link/absent/deeper')).toBe('real/absent/deeper');
  });

  it('finds the root behind a link that is elsewhere', async () => {
    const root = temporaryDirectory('paths');
    const link = join(temporaryDirectory('paths'), 'link');
    await symlink(root, link);
    expect(await inside(root, link)).toBe('.');
    expect(await inside(root, join(link, 'a'))).toBe('a');
  });

  it('refuses what is outside, also by a name that begins alike', async () => {
    const root = temporaryDirectory('paths');
    for (const path of [`${root}x`, join(root, '..'), '..', '/', '../..x']) {
      await expect(trackedPaths(root, [path])).rejects.toThrow(`${path} is outside of the repository ${root}`);
    }
  });

  it('keeps names that only look like a way out', async () => {
    const root = temporaryDirectory('paths');
    expect(await inside(root, '..x')).toBe('..x');
    expect(await inside(root, '...')).toBe('...');
  });

  it('gives the same for a path and for its absolute form', async () => {
    const root = temporaryDirectory('paths');
    const name = fc.array(fc.constantFrom('a', 'b', '.', '...', '-x', 'ü'), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(name, async (parts) => {
        const path = parts.join('/');
        expect(await inside(root, path)).toBe(await inside(root, join(root, path)));
      }),
    );
  });
});
