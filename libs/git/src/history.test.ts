import { temporaryRepository } from '@baton/testkit';
import { expect, it } from 'vitest';
import { openObjectStore } from './open-object-store.ts';

it('knows ancestors and where two lines parted', async () => {
  const { dir, git, commit } = await temporaryRepository({ a: '1' });
  const base = await git('rev-parse', 'HEAD');
  const main = await commit('main', { a: '2' });
  await git('checkout', '--quiet', '-b', 'side', base);
  const side = await commit('side', { b: '1' });
  await git('checkout', '--quiet', '--orphan', 'alone');
  const alone = await commit('alone');
  const store = await openObjectStore(dir);
  expect(await store.isAncestor(base, main)).toBe(true);
  expect(await store.isAncestor(main, main)).toBe(true);
  expect(await store.isAncestor(main, side)).toBe(false);
  expect(await store.mergeBase(main, side)).toBe(base);
  expect(await store.mergeBase(main, alone)).toBeUndefined();
  await expect(store.isAncestor('1'.repeat(40), main)).rejects.toMatchObject({ code: 'GIT_FAILED' });
});

it('finds commits by a trailer, newest first, not by the words in a text', async () => {
  const { dir, git, commit } = await temporaryRepository({ a: '1' });
  const start = await git('rev-parse', 'HEAD');
  const first = await commit('cut\n\nBaton-Cutover: one é\nSigned-off-by: A <a@b>');
  await commit('talks about it\n\nBaton-Cutover: is a trailer,\nand this is a paragraph.\n\nMore.');
  const second = await commit('again\n\nbaton-cutover: two\nBaton-Cutover: three\n  folded');
  await commit('other\n\nBaton-Cutover-Input: x');
  const store = await openObjectStore(dir);
  const head = await store.resolveCommit('HEAD');
  const key = 'Baton-Cutover';
  const all = await store.commitsWithTrailer({ key, from: [head] });
  expect(all).toEqual([
    { commit: second, values: ['two', 'three folded'] },
    { commit: first, values: ['one é'] },
  ]);
  expect(await store.commitsWithTrailer({ key, from: [head], max: 1 })).toEqual(all.slice(0, 1));
  expect(await store.commitsWithTrailer({ key, from: [head], not: [first] })).toEqual(all.slice(0, 1));
  expect(await store.commitsWithTrailer({ key, from: [start] })).toEqual([]);
});
