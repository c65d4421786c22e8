import type { EditOperation } from '../model/manifest.ts';
import type { Place } from './proposal.ts';

/** What is to be done with one file: whole pieces that go, lines that become others, and lines that are left. */
export interface Judgement {
  /** Pieces that an operation of their format takes out: `lines` are those of the input that go or change with it. */
  pieces: readonly Piece[];
  /** Lines with their new text, by number; without what pieces own. */
  rewrites: ReadonlyMap<number, string>;
  places: readonly Place[];
}

/** An operation and the lines that it owns, 1-based. */
export interface Piece {
  operation: EditOperation;
  lines: readonly number[];
  reason: string;
}

/** All numbers from `first` to `last`. */
export function span(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}
