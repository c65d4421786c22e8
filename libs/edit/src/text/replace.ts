import { BatonError } from '@baton/kernel';
import { checkCount } from '../count.ts';
import { decodeSource, lineEndingAt, spliceText, toEdit, withLineEnding } from '../data/source-text.ts';
import type { ReplaceOperation } from '../operations.ts';
import { expandTemplate, type PatternMatch } from '../pattern.ts';
import type { Edit } from '../splice.ts';
import { searchText } from './find-text.ts';

/**
 * Text for text: literal, whole words, or a regular expression; exactly once unless `count` says otherwise. A line feed in `find`
 * means the end of a line, LF or CR LF; those in `with` become the ending of the line that the match begins on.
 *
 * What was found is absent afterwards, unless what replaces it contains it again.
 *
 * @throws BatonError `EDIT_NO_MATCH`, `EDIT_COUNT`, `EDIT_REFUSED`, `EDIT_INVALID`, `EDIT_UNVERIFIED`, `PATTERN_INVALID`, `PATTERN_TIMEOUT`
 */
export function editReplace(bytes: Uint8Array, operation: ReplaceOperation): Edit {
  const text = decodeSource(bytes);
  const matches = searchText(text, operation);
  checkCount(matches.length, operation.count ?? 1, nameOf(operation));
  const splices = matches.map((match) => ({
    start: match.start,
    end: match.end,
    text: inEnding(replacementOf(operation, match), text, match),
  }));
  // Each text once: a literal one is the same at every place.
  const fresh = [...new Set(splices.map(({ text: replacement }) => replacement))];
  if (fresh.every((replacement) => searchText(replacement, operation).length === 0)) {
    const left = searchText(spliceText(text, splices), operation).length;
    if (left > 0) {
      throw new BatonError('EDIT_UNVERIFIED', `${nameOf(operation)} is still in the file after it was replaced`, {
        hint: 'The new text and what stands beside it make the old text again: find more of what is around it.',
        details: { left },
      });
    }
  }
  return toEdit(text, splices, matches.length);
}

function replacementOf(operation: ReplaceOperation, match: PatternMatch): string {
  return operation.regex ? expandTemplate(operation.with, match) : operation.with;
}

function inEnding(replacement: string, text: string, { start, end }: PatternMatch): string {
  if (!replacement.includes('\n')) return replacement;
  // A match that holds line endings has its own; they are nearer than those around it.
  const inside = text.slice(start, end).indexOf('\n');
  return withLineEnding(replacement, lineEndingAt(text, inside < 0 ? start : start + inside + 1));
}

function nameOf({ find, regex, word }: ReplaceOperation): string {
  const shown = find.length > 80 ? `${find.slice(0, 80)}...` : find;
  if (regex) return `the pattern /${shown}/`;
  return `the ${word ? 'word' : 'text'} ${JSON.stringify(shown)}`;
}
