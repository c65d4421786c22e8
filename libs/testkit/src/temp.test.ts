import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeTemporaryDirectories, temporaryDirectory, temporaryRepository, writeFiles } from './index.ts';

test('directories are empty, distinct and removed, even when a test closed them', async () => {
  const one = temporaryDirectory();
  const two = temporaryDirectory();
  expect(one).not.toBe(two);
  await mkdir(join(one, 'closed'));
  await writeFile(join(one, 'closed', 'file'), '');
  await chmod(join(one, 'closed'), 0o000);
  removeTemporaryDirectories();
  expect(existsSync(one)).toBe(false);
  expect(existsSync(two)).toBe(false);
});

test('writeFiles makes the directories it needs and keeps bytes', async () => {
  const dir = temporaryDirectory();
  await writeFiles(dir, { 'a/b/c.bin': Buffer.from([0, 255, 10]), 'd.txt': 'd' });
  expect([...(await readFile(join(dir, 'a', 'b', 'c.bin')))]).toEqual([0, 255, 10]);
});

test('the same commits have the same ids, whoever makes them', async () => {
  const one = await temporaryRepository({ 'a.txt': 'a' });
  const two = await temporaryRepository({ 'a.txt': 'a' });
  const ids = [await one.commit('more', { 'b.txt': 'b' }), await two.commit('more', { 'b.txt': 'b' })];
  expect(ids[0]).toMatch(/^[0-9a-f]{40}$/);
  expect(ids[0]).toBe(ids[1]);
  expect(await one.git('log', '--format=%an %s')).toBe('Ada more\nAda first');
});

test('a failing git command throws what git said', async () => {
  const repository = await temporaryRepository();
  await expect(repository.git('rev-parse', '--verify', 'nowhere')).rejects.toThrow(/rev-parse --verify nowhere: fatal/);
});
