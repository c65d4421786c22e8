import { compilePattern, escapePattern, findAll } from '@baton/edit';
import { BatonError } from '@baton/kernel';
import type { ScanOperation } from '../model/manifest.ts';
import { type LineHit, linesOf, needsRegex, type Search, type WordRules, wordSearch } from './word-search.ts';

/** The settings of one `forbid`. */
export type ForbidSettings = Extract<ScanOperation, { forbid: unknown }>['forbid'];

/** What a `forbid` looks for, ready to be used on many blobs. */
export interface ForbidRule {
  search: Search;
  /** Text that a blob must have anywhere to be worth a look; undefined when nothing is known, and every blob has to be read. */
  candidates: { words: readonly string[]; ignoreCase: boolean; whole: boolean } | undefined;
  /** Everything that the result for a blob depends on besides its bytes. */
  identity: string;
}

// Raised whenever the same rule could find something else in the same blob.
const VERSION = 2;
// One text after another: as long as a pattern may take for one.
const TIME_LIMIT = 2000;

/**
 * Reads a rule. Words are literal and whole by default (paths as {@link WordRules} says); with `regex` each is a JavaScript regular expression (flags `mu`), which is
 * taken as it is unless `word: true` says that it must be whole.
 *
 * @throws BatonError `PATTERN_INVALID`; a search may throw `PATTERN_TIMEOUT`
 */
export function readForbidRule(settings: ForbidSettings): ForbidRule {
  const words = typeof settings.pattern === 'string' ? [settings.pattern] : [...settings.pattern];
  const regex = settings.regex === true;
  const whole = settings.word ?? !regex;
  const ignoreCase = settings['ignore-case'] === true;
  for (const word of words) check(word, regex);
  const identity = JSON.stringify(['forbid', VERSION, words, whole, regex, ignoreCase]);
  const rules = { words, whole, ignoreCase };
  if (regex) return { search: patternSearch(rules, (word) => word), candidates: undefined, identity };
  if (needsRegex(rules))
    return { search: patternSearch(rules, whole ? literal : escapePattern), candidates: undefined, identity };
  // Git wants boundaries on both sides, also where a word begins or ends with something else than a letter: then it would miss some.
  const isWhole = whole && words.every((word) => /^[A-Za-z0-9_](.*[A-Za-z0-9_])?$/.test(word));
  return { search: wordSearch(rules), candidates: { words, ignoreCase, whole: isWhole }, identity };
}

function check(word: string, regex: boolean): void {
  if (word === '') throw invalid(word, 'is empty: it would match everywhere');
  if (!regex && /[\n\r\0]/.test(word))
    throw invalid(word, 'has a line break or NUL: a scan looks at one line at a time');
}

function invalid(word: string, what: string): BatonError {
  return new BatonError('PATTERN_INVALID', `the pattern ${JSON.stringify(word)} of a forbid scan ${what}`, {
    hint: 'Name words or paths that must not be left, one per entry.',
  });
}

function patternSearch({ words, whole, ignoreCase }: WordRules, sourceOf: (word: string) => string): Search {
  const patterns = words.map((word) => {
    const source = whole ? `(?<![\\p{L}\\p{N}\\p{M}_])(?:${sourceOf(word)})(?![\\p{L}\\p{N}\\p{M}_])` : sourceOf(word);
    return { word, pattern: compilePattern(source, ignoreCase ? 'imu' : 'mu') };
  });
  return (bytes) => {
    const text = bytes.toString('utf8');
    const found: { at: number; word: string }[] = [];
    for (const { word, pattern } of patterns) {
      for (const { start, end } of findAll(pattern, text, TIME_LIMIT)) {
        // A pattern that matches nothing at all says nothing about a line.
        if (end > start) found.push({ at: start, word });
      }
    }
    return found.length === 0 ? [] : linesOfText(text, found, words);
  };
}

// The edges of a path, as a search without patterns has them.
function literal(word: string): string {
  const source = escapePattern(word);
  if (!word.includes('/')) return source;
  const before = /^[\p{L}\p{N}\p{M}_]/u.test(word) ? '(?<![.-])' : '';
  const after = /[\p{L}\p{N}\p{M}_]$/u.test(word) ? '(?!-|[.][\\p{L}\\p{N}\\p{M}_])' : '';
  return before + source + after;
}

// Offsets of decoded text become offsets of its own UTF-8 form, in which lines are the same as in the blob.
function linesOfText(
  text: string,
  found: readonly { at: number; word: string }[],
  words: readonly string[],
): LineHit[] {
  const sorted = [...found].sort((a, b) => a.at - b.at);
  let bytes = 0;
  let unit = 0;
  const placed = sorted.map(({ at, word }) => {
    bytes += Buffer.byteLength(text.slice(unit, at));
    unit = at;
    return { at: bytes, word };
  });
  return linesOf(Buffer.from(text), placed, words);
}
