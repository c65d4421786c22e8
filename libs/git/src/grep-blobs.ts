import { hashObject } from './hash-object.ts';
import type { ObjectStore } from './object-store.ts';
import type { NewObject, ObjectId } from './objects.ts';
import { pathText } from './path-text.ts';
import { gitFailed, runGit } from './run-git.ts';

/** What to look for. */
export interface WordSearch {
  /** Literal bytes as text, without line breaks; a blob with any of them is found. */
  words: readonly string[];
  /** Letters of ASCII without case. */
  ignoreCase: boolean;
  /** Only where no letter or digit of ASCII and no `_` stands on either side. */
  whole: boolean;
  /** Blobs and trees that the repository does not have yet. */
  objects: readonly NewObject[];
}

/**
 * The blobs that have one of the words, also binary ones.
 *
 * Git looks itself: its blobs are never copied through a pipe, which is what reading them one by one costs most. It searches trees,
 * so the blobs are put into a tree of a private store; the repository is not written to. One thread, because several cost more
 * CPU in all: they wait for one another to read objects.
 */
export async function grepBlobs(
  store: ObjectStore,
  ids: readonly ObjectId[],
  search: WordSearch,
): Promise<Set<ObjectId>> {
  const found = new Set<ObjectId>();
  if (ids.length === 0) return found;
  const tree = flatTree(store, ids);
  for (const name of await grep(store, tree.id, { ...search, objects: [...search.objects, tree] })) {
    const id = ids[Number.parseInt(name.toString('latin1'), 10)];
    if (id !== undefined) found.add(id);
  }
  return found;
}

/** {@link grepBlobs} for a whole tree, without its links: the paths of the files that have one of the words. */
export async function grepTree(store: ObjectStore, tree: ObjectId, search: WordSearch): Promise<string[]> {
  return (await grep(store, tree, search)).map((path) => pathText(path));
}

async function grep(store: ObjectStore, tree: ObjectId, search: WordSearch): Promise<Buffer[]> {
  const args = [
    ...['grep', '--threads=1', '--text', '--fixed-strings', '--files-with-matches', '-z', '--no-recurse-submodules'],
    ...(search.ignoreCase ? ['--ignore-case'] : []),
    ...(search.whole ? ['--word-regexp'] : []),
    ...search.words.flatMap((word) => ['-e', word]),
    tree,
  ];
  return await store.withPrivateObjects(search.objects, async ({ dir }) => {
    const result = await runGit(dir, args);
    // 1: no blob has any.
    if (result.code !== 0 && result.code !== 1) throw gitFailed(dir, ['grep'], result);
    const names: Buffer[] = [];
    let at = 0;
    for (let end = result.stdout.indexOf(0); end !== -1; end = result.stdout.indexOf(0, at)) {
      // Each begins with the tree's name and a colon.
      names.push(result.stdout.subarray(at + tree.length + 1, end));
      at = end + 1;
    }
    return names;
  });
}

// Entries are named by their place in the list, all of one length, so that the order of the list is git's order as well.
function flatTree(store: ObjectStore, ids: readonly ObjectId[]): NewObject {
  const digits = String(ids.length).length;
  const size = '100644 '.length + digits + 1 + (store.format === 'sha256' ? 32 : 20);
  const bytes = Buffer.alloc(size * ids.length);
  let at = 0;
  for (const [index, id] of ids.entries()) {
    at += bytes.write(`100644 ${String(index).padStart(digits, '0')}\0`, at, 'latin1');
    at += bytes.write(id, at, 'hex');
  }
  return hashObject(store.format, 'tree', bytes);
}
