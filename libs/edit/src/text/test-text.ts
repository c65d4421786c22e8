import fc from 'fast-check';
import { expect } from 'vitest';
import { applySplices, type Edit, invertSplices } from '../splice.ts';

/** How a generated file is written: line endings, byte order mark, final line ending. */
export interface Dress {
  endings: readonly string[];
  bom: boolean;
  final: boolean;
}

/** CR LF, LF or both; with and without byte order mark and final line ending. */
export const anyDress: fc.Arbitrary<Dress> = fc.record({
  endings: fc.oneof(
    fc.constantFrom(['\n'], ['\r\n']),
    fc.array(fc.constantFrom('\n', '\r\n'), { minLength: 2, maxLength: 5 }),
  ),
  bom: fc.boolean(),
  final: fc.boolean(),
});

/** Lines as the bytes of a file. */
export function dressed(lines: readonly string[], { endings, bom, final }: Dress): Buffer {
  const ends = lines.map((_, at) => (at === lines.length - 1 && !final ? '' : (endings[at % endings.length] ?? '\n')));
  return Buffer.from((bom ? '\ufeff' : '') + lines.map((line, at) => line + ends[at]).join(''));
}

/** The bytes after an edit; on the way its splices are undone, which must give the old bytes. */
export function after(bytes: Buffer, edit: Edit): Buffer {
  const result = applySplices(bytes, edit.splices);
  expect(applySplices(result, invertSplices(bytes, edit.splices))).toEqual(bytes);
  return result;
}

/** The code of the BatonError that a function throws; `none` where it throws nothing. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
  return 'none';
}
