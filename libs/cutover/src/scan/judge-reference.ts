import { entryAt } from '@baton/git';
import type { ResultContext } from '../model/context.ts';
import type { PathReference } from './references/reference.ts';
import { meanings, type TreeSide } from './tree-side.ts';

/** What to make of a reference that names nothing in the result tree. */
export type Verdict = { finding: true; why: string } | { finding: false; why: string };

/** What is known about the file that a dead reference stands in. */
export interface ReferenceHistory {
  /** Where the file was in the input tree; undefined for a new file. */
  before: TreeSide | undefined;
  /** Whether the file said the same before, wherever in it. */
  saidBefore: boolean;
  /** Whether it named something of the input tree. */
  wasAlive: boolean;
}

/**
 * Which dead references are the cutover's: those that named something before; those that the cutover wrote; and those that lead
 * into a directory which it took away. One that was dead before, or that a program may bring to life while it runs (`soft`), is
 * told and is no error.
 */
export function judgeReference(
  context: ResultContext,
  reference: PathReference,
  after: TreeSide,
  { before, saidBefore, wasAlive }: ReferenceHistory,
): Verdict {
  if (wasAlive) return { finding: true, why: 'named something before the cutover' };
  const gone = [after, ...(before === undefined ? [] : [before])]
    .flatMap((side) => meanings(reference, side))
    .map((path) => goneDirectory(context, path))
    .find((directory) => directory !== undefined);
  if (gone !== undefined) return { finding: true, why: `leads into ${gone}, which the cutover took away` };
  if (reference.soft === true) return { finding: false, why: 'may be made while the program runs' };
  if (!saidBefore) return { finding: true, why: 'names nothing' };
  return { finding: false, why: 'named nothing before the cutover either' };
}

/** The outermost directory on the way to a path that the input tree has and the result tree has not. */
function goneDirectory({ input, output }: ResultContext, path: string): string | undefined {
  const names = path.split('/');
  for (let count = 1; count <= names.length; count += 1) {
    const directory = names.slice(0, count).join('/');
    if (entryAt(input, directory)?.kind !== 'tree') return undefined;
    if (entryAt(output, directory)?.kind !== 'tree') return directory;
  }
  return undefined;
}
