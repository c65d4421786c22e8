import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectFormat, Tree } from './objects.ts';
import { openObjectStore } from './open-object-store.ts';
import { pathBytes } from './path-text.ts';
import { bareRepository, blobs, gitIn, gitLine, trees } from './test-objects.ts';
import { treeObjects } from './tree-objects.ts';
import { EMPTY_TREE, leaf, makeTree, walkLeaves, withEntry } from './trees.ts';

/** The tree that git itself makes of the leaves. */
async function treeOfGit(dir: string, tree: Tree): Promise<string> {
  const lines = [...walkLeaves(tree)].map(({ path, leaf: { mode, id } }) =>
    Buffer.concat([Buffer.from(`${mode} ${id}\t`), pathBytes(path), Buffer.from([0])]),
  );
  await gitIn(dir, ['read-tree', '--empty']);
  await gitIn(dir, ['update-index', '-z', '--index-info'], Buffer.concat(lines));
  return await gitLine(dir, ['write-tree', '--missing-ok']);
}

describe.each<ObjectFormat>(['sha1', 'sha256'])('treeObjects of %s', (format) => {
  it('gives the ids that git gives, and trees that read back the same', async () => {
    const dir = await bareRepository(format);
    const store = await openObjectStore(dir);
    await store.writeObjects(blobs(format));
    await fc.assert(
      fc.asyncProperty(trees(format), async (tree) => {
        const made = treeObjects(format, tree);
        expect(made.id).toBe(await treeOfGit(dir, tree));
        await store.writeObjects(made.objects);
        const read = await store.readTree(made.id);
        expect(read.id).toBe(made.id);
        expect(read.leaves).toBe(tree.leaves);
        expect([...walkLeaves(read)]).toEqual([...walkLeaves(tree)]);
        expect(treeObjects(format, read)).toEqual({ id: made.id, objects: [] });
      }),
      { numRuns: 40 },
    );
    await gitIn(dir, ['fsck', '--no-dangling']).catch(async (error: unknown) => {
      // Submodules name commits that are not here; nothing else may be wrong.
      expect(String(error)).not.toMatch(/error|fatal/);
    });
    await store.close();
  });
});

describe('treeObjects', () => {
  it('hashes only directories that changed', () => {
    const known: Tree = { kind: 'tree', id: 'a'.repeat(40), entries: new Map(), leaves: 7 };
    const tree = makeTree([
      ['x', makeTree([['known', known]])],
      ['known', known],
    ]);
    expect(treeObjects('sha1', tree).objects).toHaveLength(2);
  });

  it('knows the empty tree, and leaves out empty directories', () => {
    expect(treeObjects('sha1', EMPTY_TREE).id).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
    expect(treeObjects('sha1', makeTree([['d', EMPTY_TREE]])).id).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
  });

  it.each(['', '.', '..', '.git', '.GIT', 'a\0b'])('refuses the name %j', (name) => {
    const entry = leaf('100644', '1'.repeat(40));
    expect(() => treeObjects('sha1', makeTree([[name, entry]]))).toThrow('cannot be the name of a file');
    expect(() => treeObjects('sha1', withEntry(EMPTY_TREE, `d/${name}`, entry))).toThrow(
      'cannot be the name of a file',
    );
  });
});
