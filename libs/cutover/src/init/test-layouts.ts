import { printNodePath } from '@baton/edit';
import {
  changeTree,
  EMPTY_TREE,
  hashObject,
  type LeafMode,
  leaf,
  type ObjectId,
  type Tree,
  walkLeaves,
} from '@baton/git';
import { type CutoverLayout, layoutResult, type MechanicalPlace } from '@baton/testkit';
import { diffArrays } from 'diff';
import type { Proposal, ProposalInput } from './proposal.ts';

/** A tree in memory, for `proposeCutover`. */
export function treeInput(files: ReadonlyMap<string, { bytes: Buffer; mode: LeafMode }>): ProposalInput {
  const blobs = new Map<ObjectId, Buffer>();
  const leaves = [...files].map(([path, { bytes, mode }]) => {
    const { id } = hashObject('sha1', 'blob', bytes);
    blobs.set(id, bytes);
    return [path, leaf(mode, id)] as const;
  });
  return {
    tree: changeTree(EMPTY_TREE, new Map(leaves)),
    async *readBlobs(ids) {
      for (const id of ids) yield { id, bytes: blobs.get(id) ?? Buffer.alloc(0) };
    },
  };
}

/** A tree as text lines per path; what is not text of people is one line. */
export interface ReadTree {
  files: ReadonlyMap<string, { mode: string; bytes: Buffer }>;
}

/** Reads all of a tree. */
export async function readWhole(
  tree: Tree,
  readBlobs: (ids: Iterable<ObjectId>) => AsyncIterable<{ id: ObjectId; bytes: Buffer }>,
): Promise<ReadTree> {
  const leaves = [...walkLeaves(tree)];
  const blobs = new Map<ObjectId, Buffer>();
  for await (const { id, bytes } of readBlobs(new Set(leaves.map((each) => each.leaf.id)))) blobs.set(id, bytes);
  return {
    files: new Map(
      leaves.map(({ path, leaf: { mode, id } }) => [path, { mode, bytes: blobs.get(id) ?? Buffer.alloc(0) }]),
    ),
  };
}

/** How a proposal compares with what is true. */
export interface Measure {
  truth: number;
  proposed: number;
  /** Places that are not changed, or to something else than they should be. */
  missed: readonly MechanicalPlace[];
  /** Changes that are not in the truth, or of which the text is wrong. */
  wrong: readonly string[];
}

/** Compares every place of the truth with what a proposal alone makes of the tree. */
export function measureProposal(proposal: Proposal, layout: CutoverLayout, result: ReadTree): Measure {
  const { truth } = layout;
  const claimed = new Set(placesOf(proposal));
  const expected = layoutResult(layout, false);
  const target = new Map([...expected].map(([path, { from }]) => [from, path]));
  const differences = new Map(
    [...expected].map(([path, { bytes }]) => [path, compare(bytes, result.files.get(path)?.bytes)]),
  );
  const texts = new Map([...layout.files].map(([path, { bytes }]) => [path, bytes.toString('utf8').split('\n')]));
  const isRight = ({ kind, path, line = 0, after = null }: MechanicalPlace): boolean => {
    if (kind === 'carry') {
      const made = result.files.get(path)?.bytes.toString('utf8').split('\n') ?? [];
      return made.some((each) => each.trim() === after);
    }
    if (kind !== 'edit') return true;
    const difference = differences.get(target.get(path) ?? '');
    if (difference === undefined) return false;
    const text = texts.get(path)?.[line - 1]?.trim() ?? '';
    return !(after === null ? take(difference.extra, text) : take(difference.missing, after.trim()));
  };
  const wanted = new Set(truth.mechanical.map(name));
  const wrongLines = new Set(truth.mechanical.filter((place) => !isRight(place)));
  // What is left over was made of a line that should have gone.
  for (const [path, { extra }] of differences) {
    const goes = truth.mechanical.filter(
      (place) => place.after === null && target.get(place.path) === path && !wrongLines.has(place),
    );
    for (const place of goes.slice(0, extra.length)) if (expected.get(path)?.isOpen === false) wrongLines.add(place);
  }
  const missed = truth.mechanical.filter((place) => !claimed.has(name(place)) || wrongLines.has(place));
  const bad = new Set(missed.map(name));
  return {
    truth: wanted.size,
    proposed: claimed.size,
    missed,
    wrong: [...claimed].filter((place) => !wanted.has(place) || bad.has(place)),
  };
}

/** Lines of one side alone, without empty ones: these come and go with their neighbours. */
function compare(expected: Buffer, found: Buffer | undefined): { missing: string[]; extra: string[] } {
  const [a, b] = [linesOf(expected), linesOf(found ?? Buffer.alloc(0))];
  const parts = diffArrays(a, b);
  const side = (which: 'added' | 'removed'): string[] =>
    parts.filter((part) => part[which]).flatMap(({ value }) => value.map((line) => line.trim()));
  return { missing: side('removed'), extra: side('added') };
}

function linesOf(bytes: Buffer): string[] {
  return bytes
    .toString('latin1')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => Buffer.from(line, 'latin1').toString('utf8'));
}

function take(list: string[], text: string): boolean {
  const at = list.indexOf(text);
  if (at !== -1) list.splice(at, 1);
  return at !== -1;
}

/** What of a finished result is not as the truth has it: empty when all is right. */
export function resultFaults(layout: CutoverLayout, result: ReadTree): string[] {
  const expected = layoutResult(layout, true);
  const faults: string[] = [];
  for (const path of result.files.keys()) if (!expected.has(path)) faults.push(`${path}: too much`);
  for (const [path, { mode, bytes, isOpen, from }] of expected) {
    const found = result.files.get(path);
    if (found === undefined) faults.push(`${path}: missing`);
    else if (found.mode !== mode) faults.push(`${path}: ${found.mode}`);
    else if (bytes.equals(layout.files.get(from)?.bytes ?? Buffer.alloc(0)) && !isOpen) {
      if (!bytes.equals(found.bytes)) faults.push(`${path}: changed`);
    } else {
      const { missing, extra } = compare(bytes, found.bytes);
      const byOthers = layout.truth.human.filter((line) => line.path === from && line.after === undefined);
      faults.push(
        ...missing
          .filter((line) => !byOthers.some(({ text }) => text.trim() === line))
          .map((line) => `${path}: - ${line}`),
      );
      if (!isOpen) faults.push(...extra.map((line) => `${path}: + ${line}`));
    }
  }
  return faults;
}

function name({ kind, path, line, node }: MechanicalPlace): string {
  return kind === 'edit' ? `edit ${path}:${line}` : kind === 'carry' ? `carry ${path} ${node}` : `${kind} ${path}`;
}

function placesOf({ manifest, places }: Proposal): string[] {
  const found = places.filter(({ decision }) => decision === 'edit').map(({ path, line }) => `edit ${path}:${line}`);
  for (const operation of manifest.paths) {
    if ('delete' in operation)
      found.push(...[operation.delete.glob].flat().map((glob) => `delete ${glob.replace(/\/\*\*$/, '')}`));
    if ('move' in operation) found.push(`move ${operation.move.from}`);
    if ('flatten' in operation) {
      const { dir, into, collisions = {} } = operation.flatten;
      found.push(`flatten ${dir}`, ...Object.keys(collisions).map((each) => `collision ${into}/${each}`));
    }
  }
  for (const operation of manifest.edits) {
    if ('yaml.carry' in operation) {
      const { from, node } = operation['yaml.carry'];
      found.push(`carry ${from} ${typeof node === 'string' ? node : printNodePath(node)}`);
    }
  }
  return found;
}
