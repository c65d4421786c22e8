import { createContext, runInContext } from 'node:vm';
import { BatonError } from '@baton/kernel';

/** How long one pattern may search one text, in milliseconds. An honest pattern needs a thousandth of it. */
const TIME_LIMIT = 2000;

/** A regular expression that was read and may be used with a time limit. */
export interface Pattern {
  readonly source: string;
  /** As given, without `g`. */
  readonly flags: string;
  readonly expression: RegExp;
}

/** One match: offsets are UTF-16 units of the text that was searched. */
export interface PatternMatch {
  start: number;
  end: number;
  text: string;
  /** Capturing groups in order, from the first; undefined where one took no part. */
  groups: readonly (string | undefined)[];
  named: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads a JavaScript regular expression.
 *
 * @param flags of `i`, `m`, `s`, `u`, `v`; `mu` when left out
 * @throws BatonError `PATTERN_INVALID`
 */
export function compilePattern(source: string, flags = 'mu'): Pattern {
  if (/[^imsuv]/.test(flags)) throw invalid(source, new SyntaxError(`the flags "${flags}" are not of i, m, s, u, v`));
  try {
    return { source, flags, expression: new RegExp(source, `${flags}g`) };
  } catch (error) {
    throw invalid(source, error);
  }
}

/**
 * All matches from left to right, as `String.matchAll` gives them.
 *
 * @param milliseconds the time limit; a search that exceeds it ends there
 * @throws BatonError `PATTERN_TIMEOUT`, or `PATTERN_INVALID` (an expression that is too large to run)
 */
export function findAll(pattern: Pattern, text: string, milliseconds = TIME_LIMIT): PatternMatch[] {
  return runBounded(pattern, milliseconds, () =>
    [...text.matchAll(pattern.expression)].map((match) => ({
      start: match.index,
      end: match.index + match[0].length,
      text: match[0],
      groups: match.slice(1),
      named: match.groups ?? {},
    })),
  );
}

/**
 * Runs a search of `pattern` under one time limit: for callers that search many texts and do not want to pay for a limit (about
 * 0.15 ms) each time. `search` is cut off in the middle when it takes too long, so it must not change anything that outlives it.
 *
 * @throws BatonError `PATTERN_TIMEOUT`, or `PATTERN_INVALID`
 */
export function runBounded<T>(pattern: Pattern, milliseconds: number, search: () => T): T {
  // V8 looks for a request to stop in its regular expression engine too, so no thread of our own is needed.
  const found: T[] = [];
  const sandbox = createContext({ run: () => found.push(search()) });
  try {
    runInContext('run()', sandbox, { timeout: milliseconds });
  } catch (error) {
    if (isTimeout(error)) throw tooSlow(pattern, milliseconds);
    if (error instanceof SyntaxError || error instanceof RangeError) throw invalid(pattern.source, error);
    throw error;
  }
  return found[0] as T;
}

/**
 * Puts groups into a replacement: `$1`-`$99`, `$<name>`, `$&` (the whole match), `$$` (a dollar sign). As in JavaScript, a number
 * without its group stays as it is.
 */
export function expandTemplate(template: string, match: PatternMatch): string {
  return template.replace(/\$(?:\$|&|<([^>]*)>|([0-9]{1,2}))/g, (whole, name?: string, digits?: string) => {
    if (whole === '$$') return '$';
    if (whole === '$&') return match.text;
    if (name !== undefined) return match.named[name] ?? '';
    return groupOf(digits ?? '', match) ?? whole;
  });
}

// `$12` is group 12 where there is one, else group 1 with a `2` behind it.
function groupOf(digits: string, { groups }: PatternMatch): string | undefined {
  const number = Number(digits);
  if (number >= 1 && number <= groups.length) return groups[number - 1] ?? '';
  const first = Number(digits.charAt(0));
  if (digits.length === 2 && first >= 1 && first <= groups.length) return (groups[first - 1] ?? '') + digits.charAt(1);
  return undefined;
}

/** Text as a regular expression that means exactly it (with flag `u`). */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function isTimeout(error: unknown): boolean {
  // The error is of the sandbox's realm, so it is no instance of our Error.
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}

function tooSlow({ source }: Pattern, milliseconds: number): BatonError {
  return new BatonError('PATTERN_TIMEOUT', `the pattern /${source}/ takes longer than ${milliseconds} ms on one text`, {
    hint: 'A group that repeats inside another repetition tries every way to split the text: say each repetition once.',
  });
}

function invalid(source: string, error: unknown): BatonError {
  const why = error instanceof Error ? error.message : String(error);
  return new BatonError('PATTERN_INVALID', `the pattern /${source}/ cannot be read: ${why}`, {
    hint: 'Patterns are JavaScript regular expressions with flag u: only characters that mean something are escaped.',
    cause: error,
  });
}
