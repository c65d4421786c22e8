import type { Splice } from '@baton/edit';
import { entryAt, hashObject, type Leaf, type NewObject, type ObjectFormat, type Tree } from '@baton/git';
import type { FileEdit } from '../model/plan.ts';
import { fileDiff } from './file-diff.ts';

/** A file with other bytes than before. */
export interface EditedFile {
  edit: FileEdit;
  leaf: Leaf;
  blob: NewObject;
}

/** Bytes of a file on the way: as they are in the output tree, what splices were located in, and the result. */
export interface FileBytes {
  before: Buffer;
  base: Buffer;
  after: Buffer;
  splices: readonly Splice[];
  noted: FileEdit['operations'];
}

/** Describes an edited file for the plan; undefined when it has the same bytes as before. */
export function changedFile(
  path: string,
  leaf: Leaf | undefined,
  { before, base, after, splices, noted }: FileBytes,
  tree: { format: ObjectFormat; input: Tree; sourceOf(path: string): string | undefined },
): EditedFile | undefined {
  const blob = hashObject(tree.format, 'blob', after);
  if (blob.id === leaf?.id) return undefined;
  const from = tree.sourceOf(path);
  const free = from !== undefined && from !== path && entryAt(tree.input, path) === undefined;
  const cut = splices.reduce((sum, { start, end }) => sum + end - start, 0);
  // As git does it: what is common, in parts of the larger of the two.
  const similar = (base.byteLength - cut) / Math.max(base.byteLength, after.byteLength, 1);
  return {
    edit: {
      path,
      ...(from === undefined ? {} : { from }),
      operations: noted,
      ...(leaf === undefined ? {} : { before: leaf.id }),
      after: blob.id,
      ...fileDiff(before, after),
      ...(free ? { rename: similar >= 0.5 ? ('similar' as const) : ('rewritten' as const) } : {}),
      ...(saysGenerated(before) ? { note: 'the file says that it must not be edited by hand' } : {}),
    },
    leaf: { kind: 'leaf', mode: leaf?.mode ?? '100644', id: blob.id },
    blob,
  };
}

function saysGenerated(bytes: Uint8Array): boolean {
  return /\bdo not (edit|modify)\b|@generated\b/i.test(Buffer.from(bytes.subarray(0, 1024)).toString('latin1'));
}
