import { BatonError } from '@baton/kernel';

/** Longer than a person writes: a guard for the parser's recursion and for the states of the matcher. */
const LONGEST = 4096;

/** Tells whether a glob means a path of the repository. */
export type Glob = (path: string) => boolean;

/**
 * Compiles a glob over paths of a repository, from its root, with `/` between names.
 *
 * `*` stands for any characters of one name, also none and also a leading dot; `?` for one character; `[a-z]`, `[!a-z]` for one of
 * a set, never `/`; `**` as a whole name for any number of names, also none, but at the end for at least one (`docs/**` is what
 * is below `docs`, not `docs`); `{a,b}` for either, nested too; `\` takes the meaning off the next character. A glob that ends
 * with `/` means what is below it. Time is linear in the path for every glob.
 *
 * @throws BatonError `PATTERN_INVALID`: empty, absolute, with `.` or `..`, or a bracket or brace that is not closed
 */
export function compileGlob(glob: string): Glob {
  const source = glob.endsWith('/') ? `${glob}**` : glob;
  check(glob);
  const parts = new Parser(source, glob).read();
  const prefix = literal(parts);
  if (prefix.length === parts.length) return (path) => path === prefix.join('');
  const start = prefix.join('');
  if (prefix.length === parts.length - 1 && parts.at(-1)?.kind === 'below') {
    return (path) => path.length > start.length && path.startsWith(start);
  }
  const end = literal(parts.toReversed()).toReversed().join('');
  const matches = runner(compile(parts, ACCEPT));
  return (path) => path.startsWith(start) && path.endsWith(end) && matches(path);
}

/** Tells whether one of several globs means a path, and none of `except` does. */
export function compileGlobs(globs: string | readonly string[], except: readonly string[] = []): Glob {
  const yes = [globs].flat().map(compileGlob);
  const no = except.map(compileGlob);
  return (path) => yes.some((glob) => glob(path)) && !no.some((glob) => glob(path));
}

/** Whether a text has characters that mean something in a glob. */
export function isGlob(text: string): boolean {
  return /[*?[\]{}\\]/.test(text);
}

type Part =
  | { kind: 'character'; text: string }
  | { kind: 'one' }
  | { kind: 'set'; ranges: readonly (readonly [number, number])[]; negated: boolean }
  /** `*` */
  | { kind: 'name' }
  /** The rest of a path, at least one character. */
  | { kind: 'below' }
  /** Whole names, each with the `/` behind it, or none. */
  | { kind: 'names' }
  | { kind: 'either'; choices: readonly (readonly Part[])[] };

function check(glob: string): void {
  if (glob === '') throw invalid(glob, 'is empty');
  if (glob.length > LONGEST) throw invalid(`${glob.slice(0, 40)}...`, `is longer than ${LONGEST} characters`);
  if (glob.startsWith('/')) throw invalid(glob, 'begins with "/"');
  if (glob.includes('\0')) throw invalid(glob, 'has a NUL character');
  const names = glob.split('/').slice(0, glob.endsWith('/') ? -1 : undefined);
  if (names.some((name) => name === '' || name === '.' || name === '..')) {
    throw invalid(glob, 'has an empty name, "." or ".."');
  }
}

function literal(parts: readonly Part[]): string[] {
  const texts: string[] = [];
  for (const part of parts) {
    if (part.kind !== 'character') break;
    texts.push(part.text);
  }
  return texts;
}

class Parser {
  readonly #glob: string;
  readonly #characters: readonly string[];
  #at = 0;

  constructor(source: string, glob: string) {
    this.#glob = glob;
    this.#characters = [...source];
  }

  read(): Part[] {
    return this.#parts(0);
  }

  #parts(depth: number): Part[] {
    const parts: Part[] = [];
    for (;;) {
      const character = this.#characters[this.#at];
      if (character === undefined) {
        if (depth > 0) throw invalid(this.#glob, 'has a "{" that is not closed');
        return parts;
      }
      if (depth > 0 && (character === ',' || character === '}')) return parts;
      this.#at += 1;
      if (character === '*') parts.push(this.#star());
      else if (character === '?') parts.push({ kind: 'one' });
      else if (character === '[') parts.push(this.#set());
      else if (character === '{') parts.push(this.#either(depth + 1));
      else if (character === '\\') parts.push({ kind: 'character', text: this.#escaped() });
      else parts.push({ kind: 'character', text: character });
    }
  }

  // `**` means names only as a whole name; anything else is a `*`.
  #star(): Part {
    const before = this.#characters[this.#at - 2];
    let count = 1;
    while (this.#characters[this.#at] === '*') {
      this.#at += 1;
      count += 1;
    }
    const next = this.#characters[this.#at];
    const isWhole = count === 2 && (before === undefined || '/{,'.includes(before));
    if (isWhole && next === '/') {
      this.#at += 1;
      return { kind: 'names' };
    }
    return isWhole && (next === undefined || ',}'.includes(next)) ? { kind: 'below' } : { kind: 'name' };
  }

  #escaped(): string {
    const character = this.#characters[this.#at];
    if (character === undefined) throw invalid(this.#glob, 'ends with a "\\"');
    this.#at += 1;
    return character;
  }

  #set(): Part {
    const first = this.#characters[this.#at];
    const negated = first === '!' || first === '^';
    if (negated) this.#at += 1;
    const ranges: [number, number][] = [];
    for (let isFirst = true; ; isFirst = false) {
      let character = this.#characters[this.#at];
      if (character === undefined) throw invalid(this.#glob, 'has a "[" that is not closed');
      this.#at += 1;
      if (character === ']' && !isFirst) return { kind: 'set', ranges, negated };
      if (character === '\\') character = this.#escaped();
      let last = character;
      const beyond = this.#characters[this.#at + 1];
      if (this.#characters[this.#at] === '-' && beyond !== undefined && beyond !== ']') {
        this.#at += 2;
        last = beyond === '\\' ? this.#escaped() : beyond;
      }
      ranges.push([character.codePointAt(0) ?? 0, last.codePointAt(0) ?? 0]);
    }
  }

  #either(depth: number): Part {
    const choices: Part[][] = [];
    for (;;) {
      choices.push(this.#parts(depth));
      const end = this.#characters[this.#at];
      this.#at += 1;
      if (end === '}') return { kind: 'either', choices };
    }
  }
}

/** A state of the matcher: takes one character and goes on, or forks without taking one. */
type State =
  | { kind: 'accept' }
  | { kind: 'take'; takes: (code: number) => boolean; next: State }
  | { kind: 'fork'; to: State[] };

const ACCEPT: State = { kind: 'accept' };
const SLASH = 0x2f;
const inName = (code: number): boolean => code !== SLASH;

// From the end to the front, so that every state knows what follows it.
function compile(parts: readonly Part[], next: State): State {
  return parts.reduceRight(stateOf, next);
}

function stateOf(after: State, part: Part): State {
  switch (part.kind) {
    case 'character': {
      const wanted = part.text.codePointAt(0);
      return { kind: 'take', takes: (code) => code === wanted, next: after };
    }
    case 'one':
      return { kind: 'take', takes: inName, next: after };
    case 'set':
      return { kind: 'take', takes: (code) => inName(code) && isInSet(part, code), next: after };
    case 'name':
      return loop(inName, after);
    case 'below':
      return { kind: 'take', takes: () => true, next: loop(() => true, after) };
    case 'names': {
      const slash: State = { kind: 'take', takes: (code) => code === SLASH, next: after };
      return { kind: 'fork', to: [after, loop(() => true, slash)] };
    }
    case 'either':
      return { kind: 'fork', to: part.choices.map((choice) => compile(choice, after)) };
  }
}

function loop(takes: (code: number) => boolean, after: State): State {
  const fork: State & { kind: 'fork' } = { kind: 'fork', to: [after] };
  fork.to.push({ kind: 'take', takes, next: fork });
  return fork;
}

function isInSet(
  { ranges, negated }: { ranges: readonly (readonly [number, number])[]; negated: boolean },
  code: number,
) {
  return ranges.some(([from, to]) => from <= code && code <= to) !== negated;
}

/** Sets of states that are kept with where they lead; then all are forgotten, so that memory is bounded for every glob. */
const MOST_KEPT = 1000;

interface Front {
  states: ReadonlySet<State>;
  accepts: boolean;
  next: Map<number, Front>;
}

// All ways at once, each state once per character: there is nothing to go back to. Sets of states that were seen are kept.
function runner(start: State): (path: string) => boolean {
  const numbers = new Map<State, number>();
  const kept = new Map<string, Front>();
  const front = (from: readonly State[]): Front => {
    const states = reach(from);
    for (const state of states) if (!numbers.has(state)) numbers.set(state, numbers.size);
    const key = [...states]
      .map((state) => numbers.get(state))
      .sort()
      .join();
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = { states, accepts: states.has(ACCEPT), next: new Map() };
    if (kept.size < MOST_KEPT) kept.set(key, made);
    return made;
  };
  const step = (at: Front, code: number): Front => {
    const taking: State[] = [];
    for (const state of at.states) if (state.kind === 'take' && state.takes(code)) taking.push(state.next);
    const next = front(taking);
    if (at.next.size < MOST_KEPT) at.next.set(code, next);
    return next;
  };
  let first = front([start]);
  return (path) => {
    if (kept.size >= MOST_KEPT) {
      kept.clear();
      first = front([start]);
    }
    let at = first;
    for (let index = 0; index < path.length; index += 1) {
      const code = path.codePointAt(index) ?? 0;
      if (code > 0xffff) index += 1;
      at = at.next.get(code) ?? step(at, code);
      if (at.states.size === 0) return false;
    }
    return at.accepts;
  };
}

function reach(from: readonly State[]): Set<State> {
  const reached = new Set<State>();
  const open = [...from];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (reached.has(state)) continue;
    reached.add(state);
    if (state.kind === 'fork') open.push(...state.to);
  }
  return reached;
}

function invalid(glob: string, what: string): BatonError {
  return new BatonError('PATTERN_INVALID', `the glob "${glob}" ${what}`, {
    hint: 'Globs are paths from the root of the repository with *, **, ?, [a-z] and {a,b}; "\\" before a character takes its meaning off.',
  });
}
