import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tree, TreeNode } from './objects.ts';
import { comparePaths } from './path-text.ts';
import { trees } from './test-objects.ts';
import {
  changeTree,
  EMPTY_TREE,
  entryAt,
  leaf,
  leafAt,
  makeTree,
  sortedEntries,
  walkLeaves,
  withEntry,
  withoutEntry,
} from './trees.ts';

const one = leaf('100644', '1'.repeat(40));
const two = leaf('100755', '2'.repeat(40));
const flat = (tree: Tree): [string, string][] =>
  [...walkLeaves(tree)].map(({ path, leaf: { id } }) => [path, id[0] ?? '']);

describe('changeTree', () => {
  it('puts, replaces and removes entries, making directories', () => {
    const tree = withEntry(withEntry(EMPTY_TREE, 'a/b/c', one), 'a/d', two);
    expect(flat(tree)).toEqual([
      ['a/b/c', '1'],
      ['a/d', '2'],
    ]);
    expect(tree.leaves).toBe(2);
    expect(leafAt(tree, 'a/d')).toBe(two);
    expect(leafAt(tree, 'a/b')).toBeUndefined();
    expect(entryAt(tree, 'a/d/x')).toBeUndefined();
    expect(entryAt(tree, '')).toBe(tree);
    expect(flat(withoutEntry(tree, 'a/b'))).toEqual([['a/d', '2']]);
  });

  it('removes directories that become empty', () => {
    const tree = withEntry(withEntry(EMPTY_TREE, 'a/b/c', one), 'd', two);
    expect([...withoutEntry(tree, 'a/b/c').entries.keys()]).toEqual(['d']);
  });

  it('moves a directory by the node that it is, sharing everything in it', () => {
    const tree = makeTree([['x', makeTree([['y', makeTree([['f', one]])]])]]);
    const y = entryAt(tree, 'x/y');
    const moved = changeTree(
      tree,
      new Map<string, TreeNode | undefined>([
        ['x/y', undefined],
        ['z', y],
      ]),
    );
    expect(entryAt(moved, 'z')).toBe(y);
    expect([...moved.entries.keys()]).toEqual(['z']);
  });

  it('makes changes below another one in what that one puts there, in whatever order they come', () => {
    const tree = withEntry(EMPTY_TREE, 'd/old', one);
    const changes: [string, TreeNode | undefined][] = [
      ['d/new', two],
      ['d', undefined],
    ];
    for (const list of [changes, changes.toReversed()]) {
      expect(flat(changeTree(tree, new Map(list)))).toEqual([['d/new', '2']]);
    }
  });

  it('a file that takes the place of a directory has nothing below it, so removing that is no contradiction', () => {
    const x = leaf('100644', '1'.repeat(40));
    const before = changeTree(EMPTY_TREE, new Map([['a/b/c', x]]));
    const after = changeTree(
      before,
      new Map([
        ['a', x],
        ['a/b/c', undefined],
      ]),
    );
    expect([...walkLeaves(after)].map(({ path }) => path)).toEqual(['a']);
    expect(
      [
        ...walkLeaves(
          changeTree(
            after,
            new Map([
              ['a', undefined],
              ['a/b/c', x],
            ]),
          ),
        ),
      ].map(({ path }) => path),
    ).toEqual(['a/b/c']);
  });

  it('says so when a file would have to be a directory', () => {
    expect(() => withEntry(withEntry(EMPTY_TREE, 'a', one), 'a/b', two)).toThrow('a is a file');
  });

  it('changes nothing of what it is given', () => {
    const tree = withEntry(EMPTY_TREE, 'a/b', one);
    withEntry(tree, 'a/c', two);
    expect(flat(tree)).toEqual([['a/b', '1']]);
  });

  it('gives back what it took away, on any tree', () => {
    fc.assert(
      fc.property(trees('sha1'), fc.nat(), (tree, draw) => {
        const all = [...walkLeaves(tree)];
        const taken = all[draw % all.length];
        if (taken === undefined) return;
        const without = withoutEntry(tree, taken.path);
        expect(without.leaves).toBe(tree.leaves - 1);
        expect([...walkLeaves(withEntry(without, taken.path, taken.leaf))]).toEqual(all);
      }),
    );
  });
});

describe('sortedEntries', () => {
  it("has git's order, in which a directory ends with a slash", () => {
    const directory = makeTree([['f', one]]);
    const tree = makeTree([
      ['a0', one],
      ['a', directory],
      ['a-b', one],
      ['a.b', one],
      ['😀', one],
      ['\uffee', one],
    ]);
    expect(sortedEntries(tree).map(([name]) => name)).toEqual(['a-b', 'a.b', 'a', 'a0', '\uffee', '😀']);
  });
});

describe('walkLeaves', () => {
  it('gives every leaf once, by the bytes of its path', () => {
    fc.assert(
      fc.property(trees('sha256'), (tree) => {
        const paths = [...walkLeaves(tree)].map(({ path }) => path);
        expect(paths).toHaveLength(tree.leaves);
        expect(paths).toEqual([...paths].sort(comparePaths));
      }),
    );
  });
});
