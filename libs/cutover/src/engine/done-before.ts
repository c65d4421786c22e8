import { diffTrees, leafAt, type ObjectId, type ObjectStore, type Tree } from '@baton/git';
import { INPUT_TRAILER, MANIFEST_TRAILER } from './commit-message.ts';

/**
 * Commits that are looked at for a cutover that was made before. One that is further down was made long ago, and its manifest does
 * not fit the tree any more: planning says so by itself.
 */
const MOST_COMMITS = 1000;

/**
 * Finds the commit at `base` or below it, within the newest thousand, that carries this very manifest, if what it did still stands.
 * After a revert, by whatever means, every path of it is as it was in its input: then it is not done.
 */
export async function doneBefore(
  store: ObjectStore,
  digest: string,
  base: ObjectId,
  tree: Tree,
): Promise<ObjectId | undefined> {
  const search = { key: MANIFEST_TRAILER, from: [base], walk: MOST_COMMITS };
  for (const { commit, values } of await store.commitsWithTrailer(search)) {
    if (!values.includes(digest)) continue;
    return (await isReverted(store, commit, tree)) ? undefined : commit;
  }
  return undefined;
}

/** The value of the last trailer of a message that has this key. */
export function trailerOf(message: string, key: string): string | undefined {
  const block =
    message
      .trimEnd()
      .split(/\n\s*\n/)
      .at(-1) ?? '';
  const lines = block.split('\n').filter((line) => line.toLowerCase().startsWith(`${key.toLowerCase()}:`));
  return lines
    .at(-1)
    ?.slice(key.length + 1)
    .trim();
}

async function isReverted(store: ObjectStore, commit: ObjectId, tree: Tree): Promise<boolean> {
  const { parents, message, tree: after } = await store.readCommit(commit);
  const input = trailerOf(message, INPUT_TRAILER);
  if (tree.id !== undefined && tree.id === input) return true;
  const [parent] = parents;
  if (parent === undefined || tree.id === after) return false;
  const changes = diffTrees(await store.readTree(parent), await store.readTree(commit));
  return (
    changes.length > 0 &&
    changes.every(({ path, before }) => {
      const now = leafAt(tree, path);
      return now?.id === before?.id && now?.mode === before?.mode;
    })
  );
}
