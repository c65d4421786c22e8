import { temporaryRepository } from '@baton/testkit';
import { expect, it } from 'vitest';
import { hashObject } from './hash-object.ts';
import type { NewObject } from './objects.ts';
import { openObjectStore } from './open-object-store.ts';
import { treeReader } from './read-tree.ts';
import { changeTree, EMPTY_TREE, leaf, walkLeaves } from './trees.ts';

/** A repeatable sequence of numbers below a bound. */
function numbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % bound;
  };
}

it('a thousand readings in random chunks of random sizes, some of them one byte, give one tree', async () => {
  const { dir, git } = await temporaryRepository({
    'README.md': 'a',
    Makefile: 'b',
    'pump/next/cmd/ü ñ.go': 'c',
    'pump/next/vendor/modules.txt': 'd',
    'pump/old/lib/a.py': 'e',
    'pump/x': 'f',
    'pump-x/y': 'g',
    'pump.x': 'h',
  });
  const store = await openObjectStore(dir);
  const tree = await store.readTree('HEAD');
  await store.close();
  const bytes = Buffer.from(await git('ls-tree', '-r', '-t', '-z', 'HEAD'), 'utf8');
  const below = numbers(7);
  for (let round = 0; round < 1000; round += 1) {
    const reader = treeReader(tree.id ?? '', 'sha1');
    for (let at = 0; at < bytes.byteLength; ) {
      const size = 1 + below(round % 3 === 0 ? 3 : 300);
      // As a pipe hands it over: a part of a larger buffer that is used again.
      const chunk = Buffer.from(bytes.subarray(at, at + size));
      reader.push(chunk);
      at += size;
    }
    const read = reader.end();
    expect(read.leaves).toBe(8);
    expect(read).toEqual(tree);
    expect(() => reader.push(bytes)).toThrow('went on behind its end');
  }
});

it('many readings at once, by git itself, of trees that end with a deep directory', async () => {
  const { dir } = await temporaryRepository({ a: 'a' });
  const store = await openObjectStore(dir);
  const blob = hashObject('sha1', 'blob', Buffer.from('x'));
  const objects = new Map<string, NewObject>([[blob.id, blob]]);
  const trees = [3, 40, 700, 5000].map((count) => {
    const paths = Array.from({ length: count }, (_, n) => `z/${n % 7}/${'deep/'.repeat(n % 9)}${n}`);
    const { id, objects: made } = store.treeObjects(
      changeTree(EMPTY_TREE, new Map([...paths, 'a', 'b'].map((path) => [path, leaf('100644', blob.id)]))),
    );
    for (const object of made) objects.set(object.id, object);
    return { id, leaves: count + 2 };
  });
  await store.writeObjects([...objects.values()]);
  for (let round = 0; round < 10; round += 1) {
    const read = await Promise.all(trees.flatMap(({ id }) => [store.readTree(id), store.readTree(id)]));
    for (const [index, tree] of read.entries()) {
      expect(tree.leaves).toBe(trees[index >> 1]?.leaves);
      expect([...walkLeaves(tree)].length).toBe(tree.leaves);
    }
  }
  await store.close();
}, 60_000);
