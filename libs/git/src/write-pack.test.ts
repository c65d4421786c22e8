import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashObject } from './hash-object.ts';
import type { ObjectFormat } from './objects.ts';
import { openObjectStore } from './open-object-store.ts';
import { bareRepository, gitIn, gitLine } from './test-objects.ts';
import { failure } from './test-open.ts';
import { EMPTY_TREE, leaf, withEntry } from './trees.ts';

describe.each<ObjectFormat>(['sha1', 'sha256'])('writeObjects of %s', (format) => {
  it('writes objects of every size, which git finds whole', async () => {
    const dir = await bareRepository(format);
    const store = await openObjectStore(dir);
    const sizes = [0, 1, 15, 16, 17, 2047, 2048, 2049, 262_143, 262_144, 5_000_000];
    await store.writeObjects(sizes.map((size) => hashObject(format, 'blob', Buffer.alloc(size, `${size} `))));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 20 }), async (list) => {
        const objects = list.map((bytes) => hashObject(format, 'blob', bytes));
        await store.writeObjects(objects);
        for (const { id, bytes } of objects) expect((await store.readBlob(id)).equals(bytes)).toBe(true);
      }),
      { numRuns: 10 },
    );
    for (const size of sizes) {
      const { id } = hashObject(format, 'blob', Buffer.alloc(size, `${size} `));
      expect(await gitLine(dir, ['cat-file', '-s', id])).toBe(String(size));
    }
    await gitIn(dir, ['fsck', '--strict', '--no-dangling']);
    await store.close();
  });

  it('makes a commit that git shows, with what was there before', async () => {
    const dir = await bareRepository(format);
    const store = await openObjectStore(dir);
    const blob = hashObject(format, 'blob', Buffer.from('text\n'));
    const tree = store.treeObjects(withEntry(EMPTY_TREE, 'a/b', leaf('100755', blob.id)));
    const who = 'A <a@example.com> 1700000000 +0000';
    const commit = store.commitObject({ tree: tree.id, parents: [], author: who, committer: who, message: 'one' });
    await store.writeObjects([blob, ...tree.objects, commit]);
    await store.updateRef({
      ref: 'refs/heads/main',
      to: commit.id,
      from: undefined,
      reason: 'test',
      committer: who,
    });
    expect(await gitLine(dir, ['ls-tree', '-r', 'main'])).toBe(`100755 blob ${blob.id}\ta/b`);
    await gitIn(dir, ['fsck', '--strict', '--connectivity-only']);
    await store.close();
  });
});

describe('writeObjects', () => {
  it('writes one pack, and the same one again is no other', async () => {
    const dir = await bareRepository();
    const store = await openObjectStore(dir);
    const objects = ['a', 'b', 'a'].map((text) => hashObject('sha1', 'blob', Buffer.from(text)));
    await store.writeObjects([]);
    await store.writeObjects(objects);
    await store.writeObjects(objects);
    const packs = await readdir(join(dir, 'objects', 'pack'));
    expect(packs.filter((name) => name.endsWith('.pack'))).toHaveLength(1);
    expect(packs.filter((name) => name.startsWith('tmp'))).toEqual([]);
    await store.close();
  });

  it('says so when the repository cannot be written to', async () => {
    const dir = await bareRepository();
    const store = await openObjectStore(dir);
    await gitIn(dir, ['config', 'pack.indexVersion', '9']);
    const error = await failure(store.writeObjects([hashObject('sha1', 'blob', Buffer.from('x'))]));
    expect(error).toMatchObject({ code: 'GIT_FAILED', message: expect.stringContaining('bad pack.indexVersion=9') });
  });
});
