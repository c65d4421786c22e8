import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { openSource } from './file-source.ts';

async function project(files: Record<string, string> = {}) {
  const root = join(temporaryDirectory(), 'repo');
  const dir = join(root, 'apps/agent');
  await mkdir(dir, { recursive: true });
  await writeFiles(dir, files);
  return { root, dir };
}

describe('the source of a layer', () => {
  test('is a file or a directory below the manifest, or elsewhere in the repository', async () => {
    const place = await project({ 'src/a': 'abc' });
    expect((await openSource(place, 'src/a')).source).toMatchObject({ type: 'file', size: 3, path: '' });
    expect((await openSource(place, 'src')).source).toMatchObject({
      type: 'directory',
      absolute: join(place.dir, 'src'),
    });
    expect((await openSource(place, '.')).source.absolute).toBe(place.dir);
    expect((await openSource(place, '../..')).source.absolute).toBe(place.root);
  });

  test('is what a link leads to', async () => {
    const place = await project({ 'v2/a': '1' });
    await symlink('v2', join(place.dir, 'current'));
    expect((await openSource(place, 'current')).source).toMatchObject({
      type: 'directory',
      absolute: join(place.dir, 'v2'),
    });
    expect((await openSource(place, 'current/a')).source.absolute).toBe(join(place.dir, 'v2/a'));
  });

  test('that leaves the repository is CONTEXT_INVALID, whether it exists or not, by name or by link', async () => {
    const place = await project();
    await symlink('/etc', join(place.dir, 'link'));
    await mkdir(`${place.root}-sibling`);
    for (const from of ['../../..', '../../../nothing', 'link', 'link/hostname', '../../../repo-sibling']) {
      await expect(openSource(place, from), from).rejects.toMatchObject({
        code: 'CONTEXT_INVALID',
        message: `${from} is outside of the repository`,
      });
    }
  });

  test('that loops is CONTEXT_INVALID', async () => {
    const place = await project();
    await symlink('b', join(place.dir, 'a'));
    await symlink('a', join(place.dir, 'b'));
    for (const from of ['a', 'a/x']) {
      await expect(openSource(place, from)).rejects.toMatchObject({
        code: 'CONTEXT_INVALID',
        message: `${from} is a link that leads back to itself`,
        hint: expect.stringContaining('Correct the link'),
      });
    }
  });

  test('that is missing says how to make it, when the bundle would', async () => {
    const place = await project({ file: '' });
    const missing = { code: 'LAYER_SOURCE_MISSING', message: 'dist/bundle/main.cjs does not exist' };
    const from = 'dist/bundle/main.cjs';
    await expect(openSource({ ...place, bundleOutputs: ['dist/bundle'] }, from)).rejects.toMatchObject({
      ...missing,
      hint: expect.stringContaining('"bundle"'),
    });
    // Without a bundle command nothing makes it.
    await expect(openSource(place, from)).rejects.toMatchObject({
      ...missing,
      hint: expect.stringContaining('`from`'),
    });
    const other = { ...place, bundleOutputs: ['out'] };
    await expect(openSource(other, from)).rejects.toMatchObject({
      ...missing,
      hint: expect.stringContaining('`from`'),
    });
    await expect(openSource(other, 'out')).rejects.toMatchObject({ hint: expect.stringContaining('"bundle"') });
    await expect(openSource(other, 'output')).rejects.toMatchObject({ hint: expect.stringContaining('`from`') });
    await expect(openSource(place, 'file/below')).rejects.toMatchObject({ code: 'LAYER_SOURCE_MISSING' });
  });
});
