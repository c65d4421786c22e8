import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { needs, withTmpfs } from './index.ts';

const onTmpfs = needs('tmpfs');

onTmpfs('a small file system cuts the first write short and then has no space', async () => {
  const seen = await withTmpfs('64k', async (dir) => {
    const handle = await open(join(dir, 'big'), 'w');
    try {
      const { bytesWritten } = await handle.write(Buffer.alloc(100 * 1024));
      const next = await handle.write(Buffer.alloc(1024)).then(
        () => 'written',
        (error: NodeJS.ErrnoException) => error.code,
      );
      return { dir, bytesWritten, next };
    } finally {
      await handle.close();
    }
  });
  expect(seen.bytesWritten).toBeGreaterThan(0);
  expect(seen.bytesWritten).toBeLessThan(100 * 1024);
  expect(seen.next).toBe('ENOSPC');
  expect(await readdir(seen.dir)).toEqual([]);
});

onTmpfs('is unmounted when the work throws', async () => {
  let place = '';
  const failing = withTmpfs('64k', async (dir) => {
    place = dir;
    await (await open(join(dir, 'x'), 'w')).close();
    throw new Error('gave up');
  });
  await expect(failing).rejects.toThrow('gave up');
  expect(await readdir(place)).toEqual([]);
});

test('a size that mount refuses is an error that says so', async () => {
  await expect(withTmpfs('nonsense', async () => undefined)).rejects.toThrow(/mount/);
});
