import { BatonError } from '@baton/kernel';

/** More alternatives than a person writes by hand: a guard against `{a,b}{a,b}{a,b}...`. */
const MOST_ALTERNATIVES = 1000;

/** A compiled glob: tells whether it means a path. */
export type Glob = (path: string) => boolean;

/**
 * Compiles a glob over `/`-separated relative paths.
 *
 * `**` as a whole segment stands for any number of segments, `*` for any characters of one segment (a leading dot too),
 * `?` for one character, `{a,b}` for either. A glob that means a directory means everything in it. Every other
 * character stands for itself; a brace without its partner does too. Matching takes polynomial time, whatever the glob.
 *
 * Errors: `CONTEXT_INVALID` when the braces expand to more than 1000 globs.
 */
export function compileGlob(pattern: string): Glob {
  const alternatives = expandBraces(pattern).map((text) =>
    text.split('/').filter((part) => part !== '' && part !== '.'),
  );
  return (path) => {
    const segments = path.split('/');
    return alternatives.some((parts) => {
      for (let depth = segments.length; depth > 0; depth--) {
        if (matchSegments(parts, segments.slice(0, depth))) return true;
      }
      return false;
    });
  };
}

/** What a layer's `include` and `exclude` say about paths below its source. */
export interface Selection {
  /** Whether a path is left out; what is in an excluded directory is as well. */
  excludes(path: string): boolean;
  /** Whether a path is asked for; everything is where there is no `include`. */
  includes(path: string): boolean;
  /** An `include` that asked for none of the paths so far, which is a mistake at the end. */
  idle(): string | undefined;
}

/** Compiles `include` and `exclude`. Errors: those of {@link compileGlob}. */
export function select(include: readonly string[] | undefined, exclude: readonly string[] | undefined): Selection {
  const excluded = (exclude ?? []).map(compileGlob);
  const included = include?.map((pattern) => ({ pattern, glob: compileGlob(pattern), used: false }));
  return {
    excludes: (path) => excluded.some((glob) => glob(path)),
    includes(path) {
      if (included === undefined) return true;
      const asking = included.filter(({ glob }) => glob(path));
      for (const item of asking) item.used = true;
      return asking.length > 0;
    },
    idle: () => included?.find(({ used }) => !used)?.pattern,
  };
}

function matchSegments(parts: readonly string[], segments: readonly string[]): boolean {
  return wildcard(parts, segments, '**', matchName);
}

function matchName(part: string, name: string): boolean {
  if (!/[*?]/.test(part)) return part === name;
  return wildcard([...part], [...name], '*', (p, c) => p === '?' || p === c);
}

// The two-pointer walk: after a mismatch only the last "many" has to take one element more, never an earlier one.
function wildcard(
  pattern: readonly string[],
  text: readonly string[],
  many: string,
  one: (pattern: string, text: string) => boolean,
): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    const wanted = pattern[p];
    const found = text[t];
    if (wanted === many) {
      star = p;
      mark = t;
      p += 1;
    } else if (wanted !== undefined && found !== undefined && one(wanted, found)) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      mark += 1;
      t = mark;
    } else {
      return false;
    }
  }
  while (pattern[p] === many) p += 1;
  return p === pattern.length;
}

function expandBraces(pattern: string): string[] {
  let open = [''];
  for (let at = 0; at < pattern.length; ) {
    const group = pattern[at] === '{' ? readGroup(pattern, at) : undefined;
    const choices = group === undefined ? [pattern.charAt(at)] : group.choices.flatMap(expandBraces);
    if (open.length * choices.length > MOST_ALTERNATIVES) {
      throw new BatonError('CONTEXT_INVALID', `the glob "${pattern}" stands for more than ${MOST_ALTERNATIVES} globs`, {
        hint: 'Write several globs with fewer braces.',
      });
    }
    open = open.flatMap((start) => choices.map((choice) => start + choice));
    at = group?.end ?? at + 1;
  }
  return open;
}

// From `{` to its partner: the parts between the commas of this level. No partner or no comma: an ordinary character.
function readGroup(pattern: string, start: number): { choices: string[]; end: number } | undefined {
  const choices: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if ((depth === 1 && character === ',') || depth === 0) {
      choices.push(pattern.slice(from, at));
      from = at + 1;
    }
    if (depth === 0) return choices.length > 1 ? { choices, end: at + 1 } : undefined;
  }
  return undefined;
}
