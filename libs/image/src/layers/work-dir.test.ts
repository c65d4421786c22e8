import { execFileSync } from 'node:child_process';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownerTag } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { withWorkDir } from './work-dir.ts';

test('is private, empty, and gone afterwards, also after an error', async () => {
  const parent = join(temporaryDirectory(), 'cache');
  const old = process.umask(0);
  try {
    const result = await withWorkDir(parent, 'pack', async (dir) => {
      expect((await stat(dir)).mode & 0o777).toBe(0o700);
      expect(await readdir(dir)).toEqual([]);
      await writeFile(join(dir, 'x'), '');
      return 7;
    });
    expect(result).toBe(7);
  } finally {
    process.umask(old);
  }
  expect(await readdir(parent)).toEqual([]);
  const failing = withWorkDir(parent, 'pack', async () => {
    throw new Error('lost');
  });
  await expect(failing).rejects.toThrow('lost');
  expect(await readdir(parent)).toEqual([]);
});

test('sweeps what killed processes left, and nothing else', async () => {
  const parent = temporaryDirectory();
  const gone = execFileSync(process.execPath, ['-e', 'console.log(process.pid)']).toString().trim();
  const dead = ownerTag().replace(/^\d+-\d+/, `${gone}-1`);
  const kept = [`.pack.${ownerTag()}.0123456789ab.tmp`, '.pack.tmp', 'package.tgz'];
  for (const name of [...kept, `.pack.${dead}.0123456789ab.tmp`])
    await mkdir(join(parent, name, 'deep'), { recursive: true });
  await withWorkDir(parent, 'pack', async () => undefined);
  expect((await readdir(parent)).sort()).toEqual(kept.sort());
});
