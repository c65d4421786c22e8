/** Whether a text is a pattern at all; otherwise it stands for itself. */
export function hasPattern(text: string): boolean {
  return /[*?[]/.test(text);
}

/**
 * A test of names by a shell pattern with the rules of Python's fnmatch: `*`, `?`, `[..]`, `[!..]`; no way to quote (contract, T26).
 *
 * A `[` without its `]` is itself. `?` is one character, or one undecodable byte.
 */
export function shellPattern(pattern: string): (name: string) => boolean {
  const pieces = parse(Array.from(pattern));
  return (name) => matches(pieces, Array.from(name));
}

/** One character of a name, or any number of them. */
type Piece = 'star' | ((character: string) => boolean);

function parse(pattern: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  for (let i = 0; i < pattern.length; i += 1) {
    const character = pattern[i] ?? '';
    const close = character === '[' ? closingBracket(pattern, i + 1) : -1;
    if (character === '*') {
      pieces.push('star');
    } else if (character === '?') {
      pieces.push(() => true);
    } else if (close !== -1) {
      pieces.push(parseSet(pattern.slice(i + 1, close)));
      i = close;
    } else {
      pieces.push((other) => other === character);
    }
  }
  return pieces;
}

/** Where the set ends that begins at `start`; a `]` at its beginning belongs to it. */
function closingBracket(pattern: readonly string[], start: number): number {
  const first = pattern[start] === '!' ? start + 1 : start;
  return pattern.indexOf(']', first + 1);
}

function parseSet(inside: readonly string[]): (character: string) => boolean {
  const members = withoutEmptyRanges(inside);
  if (members.length === 0) return () => false;
  const negated = members[0] === '!';
  const ranges = toRanges(negated ? members.slice(1) : members);
  return (character) =>
    ranges.some(([from, to]) => compare(from, character) <= 0 && compare(character, to) <= 0) !== negated;
}

/** A hyphen that makes a range, not one that is meant. */
const TO = Symbol('to');
type Member = string | typeof TO;

/** The members of a set, without ranges such as `z-a`, which are left out together with their ends. What is left may begin with `!` only then. */
function withoutEmptyRanges(inside: readonly string[]): Member[] {
  const chunks = splitAtHyphens(inside);
  for (let i = chunks.length - 1; i > 0; i -= 1) {
    const before = chunks[i - 1] ?? [];
    const after = chunks[i] ?? [];
    if (compare(before.at(-1) ?? '', after[0] ?? '') > 0)
      chunks.splice(i - 1, 2, [...before.slice(0, -1), ...after.slice(1)]);
  }
  return chunks.flatMap((chunk, i): Member[] => (i === 0 ? chunk : [TO, ...chunk]));
}

/** Cuts at the hyphens that make ranges: not at the first or last character, and not right behind a range. */
function splitAtHyphens(inside: readonly string[]): string[][] {
  const chunks: string[][] = [];
  let start = 0;
  let hyphen = inside.indexOf('-', inside[0] === '!' ? 2 : 1);
  while (hyphen !== -1) {
    chunks.push(inside.slice(start, hyphen));
    start = hyphen + 1;
    hyphen = inside.indexOf('-', hyphen + 3);
  }
  if (start < inside.length || chunks.length === 0) chunks.push(inside.slice(start));
  else chunks.at(-1)?.push('-');
  return chunks;
}

function toRanges(members: readonly Member[]): [from: string, to: string][] {
  const ranges: [string, string][] = [];
  for (let i = 0; i < members.length; i += 1) {
    const from = text(members[i]);
    if (members[i + 1] === TO && i + 2 < members.length) {
      ranges.push([from, text(members[i + 2])]);
      i += 2;
    } else {
      ranges.push([from, from]);
    }
  }
  return ranges;
}

function text(member: Member | undefined): string {
  return typeof member === 'string' ? member : '-';
}

/** By code point; JavaScript's own comparison has characters above U+FFFF before U+E000. */
function compare(a: string, b: string): number {
  return (a.codePointAt(0) ?? -1) - (b.codePointAt(0) ?? -1);
}

/** Goes back to the last star only: the one before it has taken as little as it could. */
function matches(pieces: readonly Piece[], name: readonly string[]): boolean {
  let piece = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < name.length || piece < pieces.length; ) {
    const current = pieces[piece];
    if (current === 'star') {
      star = piece;
      resume = i;
      piece += 1;
    } else if (i < name.length && current?.(name[i] ?? '')) {
      i += 1;
      piece += 1;
    } else if (star !== -1 && resume < name.length) {
      resume += 1;
      i = resume;
      piece = star + 1;
    } else {
      return false;
    }
  }
  return true;
}
