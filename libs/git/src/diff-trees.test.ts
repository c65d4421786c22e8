import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffTrees } from './diff-trees.ts';
import type { Leaf, Tree, TreeNode } from './objects.ts';
import { comparePaths } from './path-text.ts';
import { trees } from './test-objects.ts';
import { changeTree, EMPTY_TREE, leaf, makeTree, walkLeaves, withEntry } from './trees.ts';

/** What a comparison of two flat lists says. */
function flatDifference(a: Tree, b: Tree): { path: string; before: Leaf | undefined; after: Leaf | undefined }[] {
  const before = new Map([...walkLeaves(a)].map(({ path, leaf: one }) => [path, one]));
  const after = new Map([...walkLeaves(b)].map(({ path, leaf: one }) => [path, one]));
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort(comparePaths)
    .map((path) => ({ path, before: before.get(path), after: after.get(path) }))
    .filter((one) => one.before?.id !== one.after?.id || one.before?.mode !== one.after?.mode);
}

describe('diffTrees', () => {
  it('says what a comparison of flat lists says', () => {
    fc.assert(
      fc.property(trees('sha1'), trees('sha1'), (a, b) => {
        expect(diffTrees(a, b)).toEqual(flatDifference(a, b));
      }),
      { numRuns: 500 },
    );
  });

  it('says so as well when most is shared', () => {
    fc.assert(
      fc.property(trees('sha1'), trees('sha1'), fc.nat(), (tree, other, draw) => {
        const all = [...walkLeaves(tree)].map(({ path }) => path);
        const changes = new Map<string, TreeNode | undefined>([
          [all[draw % all.length] ?? '', undefined],
          ['zz', other],
        ]);
        const changed = changeTree(tree, changes);
        expect(diffTrees(tree, changed)).toEqual(flatDifference(tree, changed));
      }),
    );
  });

  it('does not look into directories of one id', () => {
    const entries = new Map();
    entries.get = () => {
      throw new Error('looked into');
    };
    const known = (): Tree => ({ kind: 'tree', id: '1'.repeat(40), entries, leaves: 5 });
    expect(diffTrees(makeTree([['d', known()]]), makeTree([['d', known()]]))).toEqual([]);
  });

  it('tells a file that became a directory', () => {
    const one = leaf('100644', '1'.repeat(40));
    const a = withEntry(EMPTY_TREE, 'x', one);
    const b = withEntry(EMPTY_TREE, 'x/y', one);
    expect(diffTrees(a, b).map(({ path }) => path)).toEqual(['x', 'x/y']);
    expect(diffTrees(b, a).map(({ path }) => path)).toEqual(['x', 'x/y']);
  });
});
