import { entryAt, hashObject, type NewObject, type Tree, type TreeNode } from '@baton/git';
import type { PathOperation } from '../model/manifest.ts';
import type { Accounting, PathChange, Problem } from '../model/plan.ts';
import { account } from './accounting.ts';
import { type Claims, claimOf, claimsAt, collectClaims, operationName, without } from './claims.ts';
import { countText, fits } from './counts.ts';
import { followLinks } from './follow-links.ts';
import type { MappingSources } from './mapping-sources.ts';
import { joined, KEPT, kindAt, type OpenSlot, opened, originOf, treeOf } from './overlay.ts';
import { entriesOf, type Placement, type Placing, placeFlatten, placeMove, putAll } from './place.ts';
import { findSameNames } from './same-names.ts';
import { setEntries } from './set-entries.ts';

/** The input tree after all path operations, and everything that is known of the way. */
export interface Mapping {
  output: Tree;
  changes: readonly PathChange[];
  problems: readonly Problem[];
  /** New blobs: created files and links. */
  blobs: readonly NewObject[];
  accounting: Omit<Accounting, 'edited' | 'unexplained'>;
  /** Paths of collisions that an edit `merge` must make, with the nested file. */
  merges: readonly { operation: string; path: string; from: string }[];
  /** Submodules that are at another path or gone: `to` is undefined then. */
  submodules: readonly { from: string; to: string | undefined; operation: string }[];
  /** Where a path of the input is now; undefined when it is gone. */
  destinationOf(path: string): string | undefined;
  /** Where a path of the output was; undefined when it is new. */
  sourceOf(path: string): string | undefined;
}

/**
 * Applies all path operations at once to the input tree. Directories that move whole are hung elsewhere: what is in them is not
 * looked at. Every problem is found, none is thrown.
 */
export async function mapPaths(
  input: Tree,
  operations: readonly PathOperation[],
  sources: MappingSources,
): Promise<Mapping> {
  const problems: Problem[] = [];
  const claims = collectClaims(input, operations, problems);
  const kept = keptPart(input, claims);
  const placing: Placing = {
    operations,
    kept,
    inputKind: (path) => entryAt(input, path)?.kind,
    problems,
    replaced: [],
    dropped: [],
    merges: [],
  };
  const entries = new Map<number, PathChange['entries'][number][]>();
  const note = (operation: number, more: PathChange['entries']): void => {
    const known = entries.get(operation);
    if (known === undefined) entries.set(operation, [...more]);
    else known.push(...more);
  };
  const placements: Placement[] = [];
  let deleted = 0;
  for (const claim of claims.all) {
    const entry = entryAt(input, claim.from);
    const node = entry === undefined ? undefined : without(entry, claimsAt(claims.root, claim.from));
    const operation = operations[claim.operation];
    if (operation === undefined) continue;
    if (node === undefined) {
      if (claim.kind !== 'delete') problems.push(nothingLeft(operation, claim.operation, claim.from));
      continue;
    }
    if ('delete' in operation) {
      const files = leavesIn(node);
      deleted += files;
      note(claim.operation, [{ from: claim.from, files }]);
    } else if ('move' in operation) placements.push(placeMove(placing, claim.operation, operation.move, node));
    else if ('flatten' in operation)
      placements.push(...placeFlatten(placing, claim.operation, operation.flatten, node));
  }
  checkExpected(operations, entries, problems);
  putAll(kept, placements, placing);
  for (const [operation, own] of Map.groupBy(placements, (one) => one.operation)) note(operation, entriesOf(own));
  for (const { operation, path, files } of placing.dropped) {
    deleted += files;
    note(operation, [{ from: path, files, note: 'the outer entry stays' }]);
  }
  const blobs: NewObject[] = [];
  const made = setEntries(kept, operations, {
    blob: (bytes) => {
      const blob = hashObject(sources.format, 'blob', bytes);
      blobs.push(blob);
      return blob.id;
    },
    files: sources.files,
    problems,
    note,
  });
  const nameOf = (index: number): string => {
    const operation = operations[index];
    return operation === undefined ? 'the input' : operationName(operation, index);
  };
  findSameNames(kept, nameOf, problems);
  const sourceOf = (path: string): string | undefined => originOf(kept, path)?.source;
  const destinationOf = (path: string): string | undefined => {
    const claim = claimOf(claims.root, path);
    const at = claim === undefined ? path : destination(claim.from, claim.to, path);
    if (at === undefined || sourceOf(at) === path) return at;
    // A directory that was opened on the way is still where its entries went.
    return kindAt(kept, at) === 'tree' && entryAt(input, path)?.kind === 'tree' ? at : undefined;
  };
  const submodules = await followLinks({
    input,
    output: kept,
    operations,
    operationOf: (path) => claimOf(claims.root, path)?.operation,
    destinationOf,
    sources,
    blobs,
    problems,
  });
  const output = treeOf(kept);
  const moved = (kind: string): Map<string, string> => new Map(placing.merges.map(({ path }) => [path, kind]));
  return {
    output,
    changes: changesOf(operations, entries, moved('merge')),
    problems,
    blobs,
    accounting: account(input, output, kept, {
      deleted,
      replaced: placing.replaced.reduce((sum, { files }) => sum + files, 0),
      created: made.created,
    }),
    merges: placing.merges.map(({ operation, path, from }) => ({ operation: nameOf(operation), path, from })),
    submodules: submodules.map(({ operation, ...rest }) => ({ ...rest, operation: nameOf(operation) })),
    destinationOf,
    sourceOf,
  };
}

function keptPart(input: Tree, claims: Claims): OpenSlot {
  const left = without(input, claims.root);
  const open = left === undefined ? undefined : opened({ kind: 'whole', node: left, owner: KEPT, source: '' });
  return open ?? { kind: 'open', below: new Map(), owner: KEPT, source: '' };
}

function destination(from: string, to: string | undefined, path: string): string | undefined {
  if (to === undefined) return undefined;
  return path === from ? to : joined(to, path.slice(from.length + 1));
}

function checkExpected(
  operations: readonly PathOperation[],
  entries: ReadonlyMap<number, PathChange['entries']>,
  problems: Problem[],
): void {
  for (const [index, operation] of operations.entries()) {
    if (!('delete' in operation) || operation.delete.expect === undefined) continue;
    const files = (entries.get(index) ?? []).reduce((sum, entry) => sum + entry.files, 0);
    if (fits(files, operation.delete.expect) || (files === 0 && operation.delete.optional === true)) continue;
    problems.push({
      code: 'EDIT_COUNT',
      operation: operationName(operation, index),
      message: `expected ${countText(operation.delete.expect)} to delete, found ${files}`,
      hint: 'Look at what is there, and write the number that is right.',
    });
  }
}

function changesOf(
  operations: readonly PathOperation[],
  entries: ReadonlyMap<number, PathChange['entries']>,
  merged: ReadonlyMap<string, string>,
): PathChange[] {
  return operations.map((operation, index) => {
    const kind = Object.keys(operation)[0] as PathChange['kind'];
    const { reason } = (operation as Partial<Record<PathChange['kind'], { reason?: string }>>)[kind] ?? {};
    const own = (entries.get(index) ?? []).map((entry) => {
      const how = entry.to === undefined ? undefined : merged.get(entry.to);
      return how === undefined || entry.note !== undefined ? entry : { ...entry, note: how };
    });
    return {
      operation: operationName(operation, index),
      kind,
      ...(reason === undefined ? {} : { reason }),
      entries: own,
      files: own.reduce((sum, entry) => sum + entry.files, 0),
    };
  });
}

function leavesIn(node: TreeNode): number {
  return node.kind === 'leaf' ? 1 : node.leaves;
}

function nothingLeft(operation: PathOperation, index: number, path: string): Problem {
  return {
    code: 'EDIT_NO_MATCH',
    operation: operationName(operation, index),
    path,
    message: `${path}: other operations take everything that is in it`,
    hint: 'Leave this operation out.',
  };
}
