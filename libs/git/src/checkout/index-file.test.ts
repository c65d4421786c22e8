import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryRepository, writeFiles } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openObjectStore } from '../open-object-store.ts';
import { cacheTreeOf } from './cache-tree.ts';
import { ASSUME_VALID, idBytes, type NewEntry, parseIndex, STAT_BYTES, serializeIndex } from './index-file.ts';

describe('the index of git', () => {
  it.each([2, 3, 4])('version %d is read and written again byte by byte', async (version) => {
    const long = `${'d/'.repeat(30)}${'n'.repeat(200)}`;
    const files = {
      'a/x': '1',
      'a/y': '2',
      'a-b': '3',
      'a.c': '4',
      ünï: '5',
      [long]: '6',
      [`${'e'.repeat(200)}/${'f'.repeat(200)}`]: '7',
    };
    const { dir, git } = await temporaryRepository(files);
    await git('update-index', '--index-version', String(version === 3 ? 2 : version));
    await git('update-index', '--assume-unchanged', 'a-b');
    if (version === 3) await git('update-index', '--skip-worktree', 'a/y');
    // Gives the index a whole cache tree again.
    await git('write-tree');
    const bytes = readFileSync(join(dir, '.git/index'));
    const index = parseIndex(bytes, 'sha1');
    expect(index.version).toBe(version);
    expect(index.partial).toBe(false);
    const paths = (await git('-c', 'core.quotePath=false', 'ls-files', '-z')).split('\0').filter(Boolean);
    expect(index.entries.map(({ path }) => Buffer.from(path, 'latin1').toString('utf8'))).toEqual(paths);
    expect(index.entries.find(({ path }) => path === 'a-b')?.flags).toBe(ASSUME_VALID);
    const store = await openObjectStore(dir);
    const tree = cacheTreeOf(await store.readTree('HEAD'));
    await store.close();
    const [withTree] = index.extensions;
    const again = serializeIndex(index.version, 'sha1', index.entries, withTree === 'TREE' ? tree : undefined);
    expect(again.equals(bytes)).toBe(true);
  });

  it('a split or sparse one is known to be no whole', async () => {
    const { dir, git } = await temporaryRepository({ 'a/x': '1', 'b/y': '2' });
    await git('update-index', '--split-index');
    expect(parseIndex(readFileSync(join(dir, '.git/index')), 'sha1')).toMatchObject({ partial: true });
    await git('update-index', '--no-split-index');
    await git('sparse-checkout', 'set', '--cone', '--sparse-index', 'a');
    expect(parseIndex(readFileSync(join(dir, '.git/index')), 'sha1')).toMatchObject({ partial: true });
  });

  it('what is none is refused, wherever it is cut off', async () => {
    const { dir } = await temporaryRepository({ 'a/x': '1', 'b/y': '2' });
    const bytes = readFileSync(join(dir, '.git/index'));
    for (let size = 0; size < bytes.byteLength; size += 1) {
      const cut = Buffer.concat([bytes.subarray(0, Math.max(0, size - 20)), Buffer.alloc(Math.min(20, size))]);
      const read = () => parseIndex(cut, 'sha1');
      // After the entries, what is left of an extension may be none at all.
      if (size < 156 + 20) expect(read, `${size} bytes`).toThrow('the index cannot be read');
    }
  });
});

describe('serializeIndex', () => {
  const entry = (format: 'sha1' | 'sha256') =>
    fc.record({
      path: fc
        .uint8Array({ minLength: 1, maxLength: 40 })
        .map((b) => Buffer.from(b).toString('latin1').replace(/[\0/]/g, 'x')),
      numbers: fc.uint8Array({ minLength: STAT_BYTES + idBytes(format), maxLength: STAT_BYTES + idBytes(format) }),
      valid: fc.boolean(),
      skip: fc.boolean(),
    });

  it.each([
    [2, 'sha1'],
    [4, 'sha1'],
    [2, 'sha256'],
    [4, 'sha256'],
  ] as const)('gives what parseIndex reads, version %d, %s', (version, format) => {
    fc.assert(
      fc.property(fc.uniqueArray(entry(format), { selector: ({ path }) => path, maxLength: 30 }), (made) => {
        const entries: NewEntry[] = made
          .sort((a, b) => (a.path < b.path ? -1 : 1))
          .map(({ path, numbers, valid, skip }) => ({
            path,
            source: Buffer.from(numbers),
            at: 0,
            flags: valid ? ASSUME_VALID : 0,
            extended: skip ? 0x4000 : 0,
          }));
        const bytes = serializeIndex(version, format, entries, undefined);
        const read = parseIndex(bytes, format);
        expect(read.entries.map(({ path }) => path)).toEqual(entries.map(({ path }) => path));
        for (const [n, found] of read.entries.entries()) {
          const { numbers, skip, valid } = made[n] ?? { numbers: [], skip: false, valid: false };
          expect([...found.source.subarray(found.at, found.at + numbers.length)]).toEqual([...numbers]);
          expect(found.extended).toBe(skip ? 0x4000 : 0);
          expect((found.flags & ASSUME_VALID) !== 0).toBe(valid);
        }
        expect(serializeIndex(read.version, format, read.entries, undefined).equals(bytes)).toBe(true);
      }),
    );
  });

  it('git reads what it gives, names of any length and bytes', async () => {
    const { dir, git } = await temporaryRepository();
    const blob = '0123456789'.repeat(4);
    const paths = ['a', 'a/b', 'ab', 'ü', 'x'.repeat(0xffe), 'x'.repeat(0xfff), 'x'.repeat(0x1000)].map((path) =>
      Buffer.from(path).toString('latin1'),
    );
    const source = Buffer.alloc(STAT_BYTES + 20);
    source.writeUInt32BE(0o100644, 24);
    source.write(blob, STAT_BYTES, 'hex');
    for (const version of [2, 4] as const) {
      const entries = paths.sort().map((path) => ({ path, source, at: 0, flags: 0, extended: 0 }));
      await writeFiles(dir, { '.git/index': serializeIndex(version, 'sha1', entries, undefined) });
      const listed = await git('-c', 'core.quotePath=false', 'ls-files', '-z');
      expect(listed.split('\0').filter(Boolean)).toEqual(
        paths.map((path) => Buffer.from(path, 'latin1').toString('utf8')),
      );
    }
  });
});
