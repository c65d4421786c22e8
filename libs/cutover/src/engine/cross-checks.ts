import { leafAt, type Tree } from '@baton/git';
import type { Mapping } from '../mapping/map-paths.ts';
import type { CutoverManifest } from '../model/manifest.ts';
import type { Problem } from '../model/plan.ts';
import type { BlobView } from './blob-view.ts';

/** Collisions that should be merged, without an edit that does it. */
export function mergeProblems({ merges }: Mapping, { edits }: CutoverManifest): Problem[] {
  const made = new Set(edits.flatMap((edit) => ('merge' in edit ? [edit.merge.in].flat() : [])));
  return merges
    .filter(({ path }) => !made.has(path))
    .map(({ operation, path, from }) => ({
      code: 'EDIT_NO_MATCH',
      operation,
      path,
      message: `${path} shall be merged, and no edit does it`,
      hint: `Add an edit: merge: {in: ${path}, ours: ${path}, theirs: ${from}, how: union-lines}.`,
    }));
}

/** Submodules that moved or went, where `.gitmodules` still says otherwise: git could not find them any more. */
export async function submoduleProblems(
  { submodules }: Mapping,
  input: Tree,
  output: Tree,
  blobs: BlobView,
): Promise<Problem[]> {
  if (submodules.length === 0) return [];
  const [before, after] = await Promise.all([modulePaths(input, blobs), modulePaths(output, blobs)]);
  return submodules.flatMap(({ from, to, operation }): Problem[] => {
    if (!before.has(from)) return [];
    if (to === undefined ? !after.has(from) : after.has(to)) return [];
    return [
      {
        code: 'SUBMODULE_MOVED',
        operation,
        path: to ?? from,
        message:
          to === undefined
            ? `the submodule ${from} goes, and .gitmodules still names it`
            : `the submodule ${from} moves to ${to}, and .gitmodules does not say so`,
        hint:
          to === undefined
            ? 'Remove its section with an edit of .gitmodules.'
            : `Add an edit: replace: {in: .gitmodules, find: "path = ${from}", with: "path = ${to}"}.`,
      },
    ];
  });
}

async function modulePaths(tree: Tree, blobs: BlobView): Promise<ReadonlySet<string>> {
  const leaf = leafAt(tree, '.gitmodules');
  if (leaf === undefined) return new Set();
  const text = (await blobs.readBlob(leaf.id)).toString('utf8');
  return new Set([...text.matchAll(/^[ \t]*path[ \t]*=[ \t]*"?(.*?)"?[ \t]*$/gm)].map(([, path]) => path ?? ''));
}
