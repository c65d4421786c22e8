import type { Leaf } from '../objects.ts';
import { type BytePath, parentOf } from './byte-path.ts';
import type { Move } from './expand-moves.ts';
import { ASSUME_VALID, type IndexEntry, SKIP_WORKTREE, STAT_BYTES } from './index-file.ts';

/** One entry of the new index, and where its stat data comes from. */
export interface PlannedEntry {
  path: BytePath;
  leaf: Leaf;
  /** The entry whose content this is: a file that did not change. */
  old: IndexEntry | undefined;
  /** `keep`: the old numbers hold. `renamed`: the file itself was renamed, which changes its ctime. `new`: written by git. `none`: not on disk. */
  stat: 'keep' | 'renamed' | 'new' | 'none';
  flags: number;
  extended: number;
}

/** Everything that turns a checkout of one commit into one of another; follows from the old index, the new leaves and the moves. */
export interface CarryPlan {
  moves: readonly Move[];
  /** Sorted by path. */
  entries: PlannedEntry[];
  /** Files of the old commit that go: neither moved nor at a path that the new commit has a file at. */
  deletes: BytePath[];
  /** Files of the new commit that git must write. */
  written: { path: BytePath; leaf: Leaf }[];
  /** Submodules that come, go and move. */
  gitlinks: { made: BytePath[]; dropped: BytePath[]; moved: { from: BytePath; to: BytePath }[] };
  /** Directories that may be empty once everything has gone, deepest first. */
  emptied: BytePath[];
  /** Entries that git was told not to look at, and whose file would go: they must be looked at. */
  unseen: IndexEntry[];
}

/** Plans how the entries of an index become the leaves of a tree; changes nothing. `moves` must be free of overlaps. */
export function planCarry(
  entries: readonly IndexEntry[],
  after: ReadonlyMap<BytePath, Leaf>,
  moves: readonly Move[],
): CarryPlan {
  const plan: CarryPlan = {
    moves,
    entries: [],
    deletes: [],
    written: [],
    gitlinks: { made: [], dropped: [], moved: [] },
    emptied: [],
    unseen: [],
  };
  const destinations = destinationFinder(moves);
  const explained = new Set<BytePath>();
  const rest: IndexEntry[] = [];
  for (const entry of entries) {
    const move = destinations(entry.path);
    if (move === undefined) {
      rest.push(entry);
      continue;
    }
    const path = move.to + entry.path.slice(move.from.length);
    const leaf = after.get(path);
    if (leaf === undefined) throw new Error(`the new commit has nothing at ${path}`);
    explained.add(path);
    plan.entries.push({ ...carried(entry), path, leaf, stat: move.directory || isSkipped(entry) ? 'keep' : 'renamed' });
    if (leaf.mode === '160000') plan.gitlinks.moved.push({ from: entry.path, to: path });
  }
  const hidden = new Set<BytePath>();
  for (const entry of rest) {
    const leaf = after.get(entry.path);
    const stays = leaf !== undefined && !explained.has(entry.path);
    if (stays && sameLeaf(entry, leaf)) {
      explained.add(entry.path);
      plan.entries.push({ ...carried(entry), path: entry.path, leaf, stat: 'keep' });
      continue;
    }
    if ((entry.flags & ASSUME_VALID) !== 0 || isSkipped(entry)) plan.unseen.push(entry);
    if (stays && isSkipped(entry)) hidden.add(entry.path);
    if (modeOf(entry) === 0o160000) {
      if (leaf?.mode !== '160000') plan.gitlinks.dropped.push(entry.path);
    } else if (!stays || leaf.mode === '160000') plan.deletes.push(entry.path);
  }
  for (const [path, leaf] of after) {
    if (explained.has(path)) continue;
    const extended = hidden.has(path) ? SKIP_WORKTREE : 0;
    const absent = extended !== 0 || leaf.mode === '160000';
    plan.entries.push({ path, leaf, old: undefined, stat: absent ? 'none' : 'new', flags: 0, extended });
    if (leaf.mode === '160000') plan.gitlinks.made.push(path);
    else if (!absent) plan.written.push({ path, leaf });
  }
  plan.entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  plan.written.sort((a, b) => (a.path < b.path ? -1 : 1));
  plan.emptied = emptiedBy([...plan.deletes, ...plan.gitlinks.dropped, ...moves.map(({ from }) => from)]);
  return plan;
}

// The move that takes a path along. A source and everything below it stand together in the order of bytes, and sources do not
// lie in one another, so the last one that is not behind a path is the only one that can hold it.
function destinationFinder(moves: readonly Move[]): (path: BytePath) => Move | undefined {
  const starts = moves
    .map((move) => ({ start: move.directory ? `${move.from}/` : move.from, move }))
    .sort((a, b) => (a.start < b.start ? -1 : 1));
  return (path) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle]?.start ?? '') <= path) low = middle + 1;
      else high = middle;
    }
    const found = starts[low - 1];
    if (found === undefined) return undefined;
    return (found.move.directory ? path.startsWith(found.start) : path === found.start) ? found.move : undefined;
  };
}

function carried(entry: IndexEntry): Pick<PlannedEntry, 'old' | 'flags' | 'extended'> {
  return { old: entry, flags: entry.flags, extended: entry.extended };
}

function isSkipped(entry: IndexEntry): boolean {
  return (entry.extended & SKIP_WORKTREE) !== 0;
}

/** The mode of an entry as a tree would have it. */
function modeOf(entry: IndexEntry): number {
  return entry.source.readUInt32BE(entry.at + 24);
}

/** Whether an entry has the content and the mode of a leaf. */
export function sameLeaf(entry: IndexEntry, leaf: Leaf): boolean {
  if (modeOf(entry) !== Number.parseInt(leaf.mode, 8)) return false;
  const id = entry.at + STAT_BYTES;
  return entry.source.toString('hex', id, id + leaf.id.length / 2) === leaf.id;
}

function emptiedBy(gone: readonly BytePath[]): BytePath[] {
  const directories = new Set<BytePath>();
  for (const path of gone) {
    for (let parent = parentOf(path); parent !== '' && !directories.has(parent); parent = parentOf(parent)) {
      directories.add(parent);
    }
  }
  return [...directories].sort((a, b) => b.length - a.length);
}
