import { BatonError } from '@baton/kernel';
import { decodeSource } from '../data/source-text.ts';
import { compilePattern, escapePattern, findAll, type PatternMatch } from '../pattern.ts';

/** What is searched in a file. */
export interface TextSearch {
  find: string;
  /** Only where no letter, digit or `_` stands on either side. */
  word?: boolean;
  /** `find` is a JavaScript regular expression (flags `mu`). */
  regex?: boolean;
  'ignore-case'?: boolean;
}

/** A place that was found: bytes of the file, 1-based line of its first byte. */
export interface FoundText {
  start: number;
  end: number;
  line: number;
  text: string;
}

/**
 * Finds literal text, words or a regular expression; matches do not overlap.
 * A line feed in literal text means the end of a line, LF or CR LF.
 *
 * @throws BatonError `EDIT_REFUSED` (not UTF-8, or NUL), `EDIT_INVALID` (nothing to find), `PATTERN_INVALID`, `PATTERN_TIMEOUT`
 */
export function findText(bytes: Uint8Array, search: TextSearch): FoundText[] {
  const text = decodeSource(bytes);
  let at = 0;
  let offset = 0;
  let line = 1;
  return searchText(text, search).map((match) => {
    const passed = text.slice(at, match.start);
    offset += Buffer.byteLength(passed);
    for (const character of passed) if (character === '\n') line += 1;
    at = match.start;
    return { start: offset, end: offset + Buffer.byteLength(match.text), line, text: match.text };
  });
}

/** The same in decoded text: offsets are UTF-16 units. */
export function searchText(text: string, search: TextSearch): PatternMatch[] {
  const { find, word = false, regex = false } = search;
  if (find === '') throw empty('nothing to find: the text is empty');
  if (!regex && !word && !search['ignore-case'] && !find.includes('\n')) return literalMatches(text, find);
  const flags = search['ignore-case'] ? 'imu' : 'mu';
  if (regex) compilePattern(find, flags);
  const source = regex ? find : escapePattern(find).replace(/\r?\n/g, '\\r?\\n');
  const found = findAll(compilePattern(word ? wholeWord(source) : source, flags), text);
  const nothing = found.find(({ start, end }) => start === end);
  if (nothing !== undefined) throw empty(`the pattern /${find}/ matches empty text, at character ${nothing.start}`);
  return found;
}

function literalMatches(text: string, find: string): PatternMatch[] {
  const matches: PatternMatch[] = [];
  for (let at = text.indexOf(find); at >= 0; at = text.indexOf(find, at + find.length)) {
    matches.push({ start: at, end: at + find.length, text: find, groups: [], named: {} });
  }
  return matches;
}

function wholeWord(source: string): string {
  return `(?<![\\p{L}\\p{N}_])(?:${source})(?![\\p{L}\\p{N}_])`;
}

function empty(message: string): BatonError {
  return new BatonError('EDIT_INVALID', message, {
    hint: 'Find at least one character; to insert, find the text beside it.',
  });
}
