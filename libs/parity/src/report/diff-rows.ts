import type { ByteMark, DiffRow, DiffSide } from '@baton/report';
import type { Divergence, Hunk, HunkRow } from '../model/verdict.ts';
import { lineCount, type Side } from './hunk-bytes.ts';

/** Lines of a hunk that are drawn; the others are counted. */
const MAX_ROWS = 80;
/** Bytes of a line that are drawn, around what differs. */
const MAX_BYTES = 600;

/**
 * The rows of a divergence's hunk beside each other, with marks on what differs and on tokens. Long hunks are cut around
 * the divergence, long lines around their first difference.
 */
export function diffRows({ hunk, kind, old }: Divergence): { rows: DiffRow[]; left: number } {
  if (hunk === undefined) return { rows: [], left: 0 };
  const pairs = pairRows(hunk);
  const position = old?.line;
  const found = pairs.findIndex(
    (row) => row.kind !== 'same' && (position === undefined || (row.old?.line ?? position) >= position),
  );
  const from = Math.max(0, Math.min(found - 10, pairs.length - MAX_ROWS));
  const shown = pairs.slice(from, from + MAX_ROWS);
  const isToken = kind.startsWith('token-');
  return { rows: shown.map((row) => clipRow(markRow(row, isToken))), left: pairs.length - shown.length };
}

function pairRows({ rows, oldStart, newStart }: Hunk): DiffRow[] {
  const pairs: DiffRow[] = [];
  const next = { old: oldStart, new: newStart };
  const take = (side: Side, bytes: Buffer = Buffer.alloc(0)): DiffSide => {
    const line = next[side];
    next[side] += lineCount(bytes);
    return { line, bytes };
  };
  let olds: HunkRow[] = [];
  let news: HunkRow[] = [];
  const flush = (): void => {
    for (let i = 0; i < Math.max(olds.length, news.length); i += 1) {
      const [one, other] = [olds[i], news[i]];
      pairs.push({
        kind: one === undefined ? 'new' : other === undefined ? 'old' : 'changed',
        ...(one === undefined ? {} : { old: take('old', one.old) }),
        ...(other === undefined ? {} : { new: take('new', other.new) }),
      });
    }
    olds = [];
    news = [];
  };
  for (const row of rows) {
    if (row.kind === 'old') olds.push(row);
    else if (row.kind === 'new') news.push(row);
    else {
      flush();
      pairs.push({ kind: 'same', old: take('old', row.old), new: take('new', row.new) });
    }
  }
  flush();
  return pairs;
}

// Only for drawing: what is a token was decided by the comparison, and a row is `same` because of it.
const VOLATILE =
  /\d{4}-\d\d-\d\d[T-]\d\d:?\d\d:?\d\d(?:\.\d{1,9})?(?:\+00:00)?|\/tmp\/tmp[a-z0-9_]{8}|(?<!\d)\d{9,11}\.\d{1,9}/g;

function markRow(row: DiffRow, isToken: boolean): DiffRow {
  const { old: one, new: other } = row;
  if (one === undefined || other === undefined || Buffer.compare(one.bytes, other.bytes) === 0) return row;
  const oldMarks: ByteMark[] = [];
  const newMarks: ByteMark[] = [];
  // One character a byte, so that indexes are those of bytes.
  const [oldText, newText] = [one.bytes, other.bytes].map((bytes) => Buffer.from(bytes).toString('latin1')) as [
    string,
    string,
  ];
  let oldAt = 0;
  let newAt = 0;
  if (!(isToken && row.kind === 'changed')) {
    const valid = row.kind === 'same' ? ': valid' : '';
    const newTokens = [...newText.matchAll(VOLATILE)];
    for (const [index, token] of [...oldText.matchAll(VOLATILE)].entries()) {
      const twin = newTokens[index];
      if (twin === undefined || oldText.slice(oldAt, token.index) !== newText.slice(newAt, twin.index)) break;
      const ends = [token.index + token[0].length, twin.index + twin[0].length] as const;
      if (token[0] !== twin[0]) {
        const title = `token, OLD ${token[0]}, NEW ${twin[0]}${valid}`;
        oldMarks.push({ from: token.index, to: ends[0], kind: 'token', title });
        newMarks.push({ from: twin.index, to: ends[1], kind: 'token', title });
      }
      [oldAt, newAt] = ends;
    }
  }
  const [oldRest, newRest] = [oldText.slice(oldAt), newText.slice(newAt)];
  if (oldRest !== newRest) {
    const lead = commonLead(oldRest, newRest);
    const tail = commonTail(oldRest, newRest, lead);
    const kind = row.kind === 'same' ? 'token' : 'differs';
    oldMarks.push({ from: startOf(one.bytes, oldAt + lead), to: endOf(one.bytes, oldText.length - tail), kind });
    newMarks.push({ from: startOf(other.bytes, newAt + lead), to: endOf(other.bytes, newText.length - tail), kind });
  }
  return { ...row, old: { ...one, marks: oldMarks }, new: { ...other, marks: newMarks } };
}

function commonLead(one: string, other: string): number {
  let i = 0;
  while (i < one.length && i < other.length && one[i] === other[i]) i += 1;
  return i;
}

function commonTail(one: string, other: string, lead: number): number {
  const most = Math.min(one.length, other.length) - lead;
  let i = 0;
  while (i < most && one[one.length - 1 - i] === other[other.length - 1 - i]) i += 1;
  return i;
}

// A mark never begins or ends within a character: what is cut apart would look like invalid bytes.
function startOf(bytes: Uint8Array, at: number): number {
  let from = at;
  while (from > 0 && at - from < 3 && isInside(bytes, from)) from -= 1;
  return isInside(bytes, from) ? at : from;
}

function endOf(bytes: Uint8Array, at: number): number {
  let to = at;
  while (to < bytes.length && to - at < 3 && isInside(bytes, to)) to += 1;
  return to;
}

function isInside(bytes: Uint8Array, at: number): boolean {
  return at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80;
}

function clipRow(row: DiffRow): DiffRow {
  return {
    kind: row.kind,
    ...(row.old === undefined ? {} : { old: clipSide(row.old) }),
    ...(row.new === undefined ? {} : { new: clipSide(row.new) }),
  };
}

function clipSide(side: DiffSide): DiffSide {
  const { bytes, marks = [] } = side;
  if (bytes.length <= MAX_BYTES) return side;
  const first = marks.find(({ kind }) => kind === 'differs')?.from ?? marks[0]?.from ?? 0;
  const from = startOf(bytes, Math.max(0, Math.min(first - 100, bytes.length - MAX_BYTES)));
  const to = endOf(bytes, Math.min(bytes.length, from + MAX_BYTES));
  return {
    ...side,
    bytes: bytes.subarray(from, to),
    marks: marks
      .filter((mark) => mark.to >= from && mark.from <= to)
      .map((mark) => ({ ...mark, from: Math.max(0, mark.from - from), to: Math.min(mark.to, to) - from })),
    cutBefore: from,
    cutAfter: bytes.length - to,
  };
}
