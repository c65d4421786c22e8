import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectFormat, Tree } from './objects.ts';
import { pathBytes } from './path-text.ts';
import { treeReader } from './read-tree.ts';
import { trees } from './test-objects.ts';
import { sortedEntries, walkLeaves } from './trees.ts';

/** What `git ls-tree -r -t -z` prints for a tree. */
function listing(tree: Tree, id: string, prefix = ''): Buffer {
  const parts = sortedEntries(tree).map(([name, node]) => {
    const path = prefix + name;
    const type = node.kind === 'tree' ? '040000 tree' : node.mode === '160000' ? '160000 commit' : `${node.mode} blob`;
    const line = [Buffer.from(`${type} ${node.id ?? id}\t`), pathBytes(path), Buffer.from([0])];
    return Buffer.concat(node.kind === 'tree' ? [...line, listing(node, id, `${path}/`)] : line);
  });
  return Buffer.concat(parts);
}

describe.each<[ObjectFormat, number]>([
  ['sha1', 40],
  ['sha256', 64],
])('treeReader of %s', (format, digits) => {
  const id = '7'.repeat(digits);

  it('reads every tree, whatever the chunks', () => {
    fc.assert(
      fc.property(trees(format), fc.integer({ min: 1, max: 200 }), (tree, size) => {
        const bytes = listing(tree, id);
        const reader = treeReader(id, format);
        for (let at = 0; at < bytes.byteLength; at += size) reader.push(bytes.subarray(at, at + size));
        const read = reader.end();
        expect(read.leaves).toBe(tree.leaves);
        expect([...walkLeaves(read)]).toEqual([...walkLeaves(tree)]);
        expect(listing(read, id).equals(bytes)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('has the counts and ids of directories, empty ones as well', () => {
    const reader = treeReader(id, format);
    const line = (kind: string, path: string): Buffer => Buffer.from(`${kind} ${id}\t${path}\0`);
    reader.push(line('040000 tree', 'a'));
    reader.push(line('040000 tree', 'a/empty'));
    reader.push(line('100755 blob', 'a/run'));
    reader.push(line('100644 blob', 'a.x'));
    const tree = reader.end();
    expect(tree.leaves).toBe(2);
    expect(tree.entries.get('a')).toMatchObject({ kind: 'tree', id, leaves: 1 });
    expect(tree.entries.get('a.x')).toEqual({ kind: 'leaf', mode: '100644', id });
  });

  it('says so when the listing was cut off', () => {
    const reader = treeReader(id, format);
    reader.push(Buffer.from(`100644 blob ${id}\tabc`));
    expect(() => reader.end()).toThrow('was cut off');
  });
});
