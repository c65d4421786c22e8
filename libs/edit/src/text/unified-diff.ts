import { BatonError } from '@baton/kernel';

/** One hunk of a unified diff: its lines in order. */
export interface PatchHunk {
  /** Line of the old file that the hunk begins at, from 1; for a hunk without old lines the line it comes behind. */
  oldStart: number;
  newStart: number;
  lines: readonly PatchLine[];
  /** Line of the diff that holds the `@@`, from 1. */
  at: number;
}

export interface PatchLine {
  kind: 'same' | 'old' | 'new';
  /** Without line feed; a carriage return in front of it stays. */
  text: string;
  /** `\ No newline at end of file` stands behind it. */
  isUnended: boolean;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;
const KINDS = new Map([
  [' ', 'same'],
  ['-', 'old'],
  ['+', 'new'],
] as const);

/**
 * Reads a unified diff of one file; lines in front of the first hunk (`diff`, `index`, `---`, `+++`) say nothing that is needed.
 *
 * @throws BatonError `EDIT_INVALID`: no hunk, several files, counts that are not those of the lines, hunks out of order
 */
export function parseUnifiedDiff(diff: string): PatchHunk[] {
  const lines = diff.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const hunks: PatchHunk[] = [];
  let shift = 0;
  let beyond = 1;
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    const header = HUNK.exec(line);
    if (header === null) {
      if (hunks.length > 0 && line.trim() !== '')
        throw invalid(at, `expected a hunk of the same file, found ${JSON.stringify(line)}`);
      at += 1;
      continue;
    }
    const [oldStart, oldCount, newStart, newCount] = [header[1], header[2] ?? '1', header[3], header[4] ?? '1'].map(
      Number,
    );
    if (oldStart === undefined || oldCount === undefined || newStart === undefined || newCount === undefined) continue;
    const hunk = readHunk(lines, at, { oldStart, newStart, oldCount, newCount });
    const first = oldCount === 0 ? oldStart + 1 : oldStart;
    if (first < beyond) throw invalid(at, 'the hunk overlaps the one before it, or comes too early');
    if ((newCount === 0 ? newStart + 1 : newStart) !== first + shift) {
      throw invalid(at, `expected the new lines to begin at ${first + shift}, found ${newStart}`);
    }
    beyond = first + oldCount;
    shift += newCount - oldCount;
    hunks.push(hunk.hunk);
    at = hunk.next;
  }
  if (hunks.length === 0) throw invalid(0, 'expected a hunk that begins with "@@ -", found none');
  return hunks;
}

function readHunk(
  lines: readonly string[],
  at: number,
  {
    oldStart,
    newStart,
    oldCount,
    newCount,
  }: { oldStart: number; newStart: number; oldCount: number; newCount: number },
): { hunk: PatchHunk; next: number } {
  const found: PatchLine[] = [];
  let old = 0;
  let fresh = 0;
  let next = at + 1;
  while (old < oldCount || fresh < newCount) {
    const line = lines[next];
    // Mail programs and editors take the blank off an empty line of context; git reads that too.
    const kind = line === undefined ? undefined : line === '' || line === '\r' ? 'same' : kindOf(line);
    if (kind === undefined) {
      throw invalid(next, `expected ${oldCount} old and ${newCount} new lines, found ${old} and ${fresh}`);
    }
    if (kind !== 'new') old += 1;
    if (kind !== 'old') fresh += 1;
    const isUnended = lines[next + 1]?.startsWith('\\') === true;
    found.push({ kind, text: line?.startsWith('\r') ? '\r' : (line ?? '').slice(1), isUnended });
    next += isUnended ? 2 : 1;
  }
  if (old !== oldCount || fresh !== newCount) {
    throw invalid(at, `expected ${oldCount} old and ${newCount} new lines, found ${old} and ${fresh}`);
  }
  return { hunk: { oldStart, newStart, lines: found, at: at + 1 }, next };
}

function kindOf(line: string): PatchLine['kind'] | undefined {
  for (const [mark, kind] of KINDS) if (line.startsWith(mark)) return kind;
  return undefined;
}

function invalid(index: number, what: string): BatonError {
  return new BatonError('EDIT_INVALID', `the diff cannot be read at its line ${index + 1}: ${what}`, {
    hint: 'Give a unified diff of one file, as `git diff` and `diff -u` write it.',
  });
}
