import type { DivergenceKind } from '../model/scenario.ts';
import type { Hunk, HunkRow } from '../model/verdict.ts';
import { type LineToken, rawIndex } from '../tokens/line-tokens.ts';
import type { LogicalLine } from './crash-report.ts';
import { diffLines } from './line-diff.ts';
import type { Side } from './side.ts';

/** Lines of context before and after. */
const CONTEXT = 3;
/** A line of context that is further away, or longer, is left out. Bytes. */
const CONTEXT_REACH = 4096;

/** A line and what it is compared by: its text with tokens masked. */
export interface KeyedLine {
  line: LogicalLine;
  tokens: readonly LineToken[];
  /** The text with marks for its tokens, crash reports at their level. */
  masked: string;
  /** The same, or a digest of it when it is long. */
  key: string;
}

/** A region in which two sides differ. */
export interface Region {
  old: readonly KeyedLine[];
  now: readonly KeyedLine[];
  /** Lines that agree behind it. */
  after: readonly { old: KeyedLine; now: KeyedLine }[];
  /** Offsets of the region's beginning. */
  oldStart: number;
  newStart: number;
}

/** What a region says before it is put into words. */
export interface RegionDifference {
  kind: DivergenceKind;
  bytes: number;
  /** Offsets of the first byte that differs. */
  old: number;
  now: number;
  /** The first lines that differ, one character a byte; absent where a side has none. */
  oldLine?: string;
  newLine?: string;
  /** First column that differs in them, from 0. */
  column: number;
  rows: HunkRow[];
}

/** Finds out what differs in a region: a smallest difference by lines, lines in the same place held against each other byte by byte. */
export function describeRegion(old: Side, now: Side, region: Region): RegionDifference {
  const steps = diffLines(
    region.old.map(({ key }) => key),
    region.now.map(({ key }) => key),
  );
  const rows: HunkRow[] = [];
  let [i, j, bytes] = [0, 0, 0];
  let first: { old: number; now: number; olds: number; news: number } | undefined;
  for (let at = 0; at < steps.length; ) {
    if (steps[at] === 'same') {
      rows.push(sameRow(old, now, region.old[i++]?.line, region.now[j++]?.line));
      at++;
      continue;
    }
    const olds = count(steps, at, 'old');
    const news = count(steps, at + olds, 'new');
    first ??= { old: i, now: j, olds, news };
    for (let k = 0; k < Math.max(olds, news); k++) {
      bytes += differing(k < olds ? region.old[i + k] : undefined, k < news ? region.now[j + k] : undefined);
    }
    for (let k = 0; k < olds; k++) rows.push(oneSided('old', old, region.old[i + k]?.line));
    for (let k = 0; k < news; k++) rows.push(oneSided('new', now, region.now[j + k]?.line));
    [i, j, at] = [i + olds, j + news, at + olds + news];
  }
  for (const pair of region.after.slice(0, CONTEXT)) rows.push(sameRow(old, now, pair.old.line, pair.now.line));
  const [oldAt, newAt] = [first?.old ?? 0, first?.now ?? 0];
  // A line taken out or put in is not held against the one that follows.
  const one = first !== undefined && first.olds > 0 ? region.old[oldAt] : undefined;
  const other = first !== undefined && first.news > 0 ? region.now[newAt] : undefined;
  const common = one && other ? commonLength(one.masked, other.masked) : 0;
  const [oldColumn, newColumn] = [one, other].map((line) => (line === undefined ? 0 : rawIndex(line.tokens, common)));
  return {
    kind: kindOf(one, other, common),
    bytes,
    old: (region.old[oldAt]?.line.start ?? region.old.at(-1)?.line.end ?? region.oldStart) + (oldColumn ?? 0),
    now: (region.now[newAt]?.line.start ?? region.now.at(-1)?.line.end ?? region.newStart) + (newColumn ?? 0),
    ...(one && { oldLine: one.line.text }),
    ...(other && { newLine: other.line.text }),
    column: oldColumn ?? 0,
    rows,
  };
}

/** Lines of context in front of a region, and the region's rows, with the numbers of the first lines shown. */
export function withContext(
  old: Side,
  now: Side,
  region: Pick<Region, 'oldStart' | 'newStart'>,
  rows: readonly HunkRow[],
  lines: { old: number; now: number },
): Hunk {
  const before: HunkRow[] = [];
  let [a, b] = [region.oldStart, region.newStart];
  while (before.length < CONTEXT && a > 0 && b > 0) {
    const [from, to] = [old.lineStart(a - 1, CONTEXT_REACH), now.lineStart(b - 1, CONTEXT_REACH)];
    if (from === undefined || to === undefined) break;
    before.unshift({ kind: 'same', old: old.copy(from, a), new: now.copy(to, b) });
    [a, b] = [from, to];
  }
  return { oldStart: lines.old - before.length, newStart: lines.now - before.length, rows: [...before, ...rows] };
}

/** How many characters two texts have in common from the beginning. */
export function commonLength(one: string, other: string): number {
  let i = 0;
  while (i < one.length && i < other.length && one[i] === other[i]) i++;
  return i;
}

function count(steps: readonly string[], from: number, wanted: string): number {
  let i = from;
  while (steps[i] === wanted) i++;
  return i - from;
}

function differing(one: KeyedLine | undefined, other: KeyedLine | undefined): number {
  if (one === undefined || other === undefined) return (one ?? other)?.line.text.length ?? 0;
  const [a, b] = [one.masked, other.masked];
  const head = commonLength(a, b);
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  return Math.max(a.length, b.length) - head - tail;
}

function kindOf(one: KeyedLine | undefined, other: KeyedLine | undefined, column: number): DivergenceKind {
  if (one?.line.crash || other?.line.crash) return 'crash';
  const marks = [one?.masked[column], other?.masked[column]];
  return one && other && marks.includes('\u2039') ? 'token-presence' : 'bytes';
}

function sameRow(old: Side, now: Side, one: LogicalLine | undefined, other: LogicalLine | undefined): HunkRow {
  return { kind: 'same', old: bytesOf(old, one), new: bytesOf(now, other) };
}

function oneSided(kind: 'old' | 'new', side: Side, line: LogicalLine | undefined): HunkRow {
  return kind === 'old' ? { kind, old: bytesOf(side, line) } : { kind, new: bytesOf(side, line) };
}

function bytesOf(side: Side, line: LogicalLine | undefined): Buffer {
  return line === undefined ? Buffer.alloc(0) : side.copy(line.start, line.end);
}
