import type { Splice } from '../splice.ts';

/** One replacement in a text: offsets are UTF-16 indexes. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

/** A text as pieces: spans of the original, and new text between them. */
export type Piece = { start: number; end: number } | { text: string };

/** Applies edits to a text in pieces; offsets are into the text that the pieces make, edits at one place keep their order. */
export function editPieces(pieces: readonly Piece[], edits: readonly TextEdit[]): Piece[] {
  const out: Piece[] = [];
  let index = 0;
  let inside = 0;
  const take = (count: number, keep: boolean): void => {
    let left = count;
    for (let piece = pieces[index]; left > 0 && piece !== undefined; piece = pieces[index]) {
      const length = lengthOf(piece);
      const part = Math.min(left, length - inside);
      if (keep) out.push(slice(piece, inside, inside + part));
      left -= part;
      inside += part;
      if (inside === length) {
        index += 1;
        inside = 0;
      }
    }
  };
  let at = 0;
  for (const { start, end, text } of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at) throw new RangeError(`edits of one step overlap at ${start}`);
    take(start - at, true);
    take(end - start, false);
    if (text !== '') out.push({ text });
    at = end;
  }
  take(Number.POSITIVE_INFINITY, true);
  return out;
}

/** The text that the pieces make. */
export function joinPieces(original: string, pieces: readonly Piece[]): string {
  return pieces.map((piece) => ('text' in piece ? piece.text : original.slice(piece.start, piece.end))).join('');
}

/** What the pieces changed, as splices of the UTF-8 bytes (`skipped` of them before the text); what was replaced by itself is left out. */
export function piecesToSplices(
  { text: original, skipped }: { text: string; skipped: number },
  pieces: readonly Piece[],
): Splice[] {
  const splices: Splice[] = [];
  let at = 0;
  let byte = skipped;
  let added = '';
  const close = (start: number): void => {
    const removed = original.slice(at, start);
    const width = Buffer.byteLength(removed);
    if (removed !== added) splices.push({ start: byte, end: byte + width, bytes: Buffer.from(added) });
    byte += width;
    added = '';
  };
  for (const piece of pieces) {
    if ('text' in piece) {
      added += piece.text;
      continue;
    }
    close(piece.start);
    byte += Buffer.byteLength(original.slice(piece.start, piece.end));
    at = piece.end;
  }
  close(original.length);
  return splices;
}

function lengthOf(piece: Piece): number {
  return 'text' in piece ? piece.text.length : piece.end - piece.start;
}

function slice(piece: Piece, from: number, to: number): Piece {
  return 'text' in piece ? { text: piece.text.slice(from, to) } : { start: piece.start + from, end: piece.start + to };
}
