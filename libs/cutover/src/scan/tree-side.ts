import { compileGlob } from '@baton/edit';
import { entryAt, type Tree, type TreeNode, walkLeaves } from '@baton/git';
import { type PathReference, resolveBase } from './references/reference.ts';

/** One of the two trees, and the place in it of the file that is looked at. */
export interface TreeSide {
  tree: Tree;
  path: string;
  /** Build contexts that Makefiles, workflows and scripts give to a Dockerfile, as directories; none when nobody says. */
  contexts(dockerfile: string): readonly string[];
}

/** The paths from the root that a reference may mean; those that lead out of the repository are left out. */
export function meanings(reference: PathReference, side: TreeSide): string[] {
  return basesOf(reference, side).flatMap((base) => resolveBase(base, side.path, reference.target) ?? []);
}

/** Whether a reference names something of the tree. A Dockerfile's source must be in every context that somebody declares. */
export function isAlive(reference: PathReference, side: TreeSide): boolean {
  const declared = reference.bases.includes('context') ? side.contexts(side.path) : [];
  const found = meanings(reference, side);
  if (declared.length > 0) {
    return found.length === declared.length && found.every((path) => isThere(reference, side.tree, path));
  }
  return found.some((path) => isThere(reference, side.tree, path));
}

// Where nobody declares a context, it is the Dockerfile's own directory or the root: both are common, so either is enough.
function basesOf(reference: PathReference, { path, contexts }: TreeSide): readonly string[] {
  if (!reference.bases.includes('context')) return reference.bases;
  const declared = contexts(path);
  return declared.length > 0 ? declared.map((directory) => `/${directory}`) : ['.', '/'];
}

function isThere(reference: PathReference, tree: Tree, path: string): boolean {
  if (reference.glob === true) return hasMatch(tree, path);
  const node = nodeAt(tree, path);
  if (node === undefined) return false;
  if (node === 'beyond') return true;
  if (reference.kind === 'submodule') return node.kind === 'leaf' && node.mode === '160000';
  const isFile = node.kind === 'leaf' && (node.mode === '100644' || node.mode === '100755');
  return !isFile || (reference.kind !== 'directory' && !reference.target.endsWith('/'));
}

// What is behind a link or in a submodule is not in the tree: it is taken to be there.
function nodeAt(tree: Tree, path: string): TreeNode | 'beyond' | undefined {
  const node = entryAt(tree, path);
  if (node !== undefined) return node;
  const names = path.split('/');
  for (let count = names.length - 1; count > 0; count -= 1) {
    const above = entryAt(tree, names.slice(0, count).join('/'));
    if (above?.kind === 'leaf' && (above.mode === '120000' || above.mode === '160000')) return 'beyond';
    if (above !== undefined) return undefined;
  }
  return undefined;
}

function hasMatch(tree: Tree, glob: string): boolean {
  const names = glob.split('/');
  const wild = names.findIndex((name) => /[*?[\]{}\\]/.test(name));
  const prefix = names.slice(0, wild === -1 ? names.length - 1 : wild).join('/');
  const top = nodeAt(tree, prefix);
  if (top === 'beyond') return true;
  if (top?.kind !== 'tree') return false;
  let matches: (path: string) => boolean;
  try {
    matches = compileGlob(glob);
  } catch {
    // A dialect that is not ours: nothing can be said about it.
    return true;
  }
  for (const { path } of walkLeaves(top, prefix === '' ? '' : `${prefix}/`)) if (matches(path)) return true;
  // A glob may stand for directories as well (`-C services/*`).
  return false;
}
