/** A line of a blob that has one of the words. */
export interface LineHit {
  /** 1-based. */
  line: number;
  /** Byte of the line at which the first word begins, 1-based. */
  column: number;
  /** The line without its indentation and trailing blanks, for display; cut off after 2000 characters. */
  text: string;
  /** The words that it has, in the order of the manifest. */
  words: readonly string[];
}

/** How words are found. */
export interface WordRules {
  words: readonly string[];
  /**
   * No letter, digit or `_` beside a word where the word itself begins or ends with one. A word with `/` is a path: no `-` beside it,
   * and no `.` that belongs to a name (`agent/go` is not in `agent/go.mod`, but at the end of a sentence).
   */
  whole: boolean;
  ignoreCase: boolean;
}

/** Where the words of a rule are in some bytes; a search is made once and used for many blobs. */
export type Search = (bytes: Buffer) => LineHit[];

const LINE_FEED = 10;
const DASH = 0x2d;
const DOT = 0x2e;
const LONGEST_TEXT = 2000;
const WORD_CHARACTER = /[\p{L}\p{N}\p{M}_]/u;
const NOT_ASCII = /[^\x00-\x7f]/;

/**
 * A search for literal words in bytes, without regular expressions. Bytes that are not UTF-8 are no letters. With `ignoreCase`
 * letters of ASCII are compared without case; words with others need {@link needsRegex}.
 */
export function wordSearch(rules: WordRules): Search {
  const words = rules.words.map((word) => {
    const bytes = Buffer.from(word);
    return {
      word,
      bytes,
      text: rules.ignoreCase ? word.toLowerCase() : word,
      before: rules.whole && WORD_CHARACTER.test([...word].at(0) ?? ''),
      after: rules.whole && WORD_CHARACTER.test([...word].at(-1) ?? ''),
      isPath: word.includes('/'),
    };
  });
  return (bytes) => {
    // One byte, one character: offsets are the same. Folding other bytes of Latin-1 is undone by the words being ASCII.
    const folded = rules.ignoreCase ? bytes.toString('latin1').toLowerCase() : undefined;
    const found: { at: number; word: string }[] = [];
    for (const { word, bytes: wanted, text, before, after, isPath } of words) {
      const next = (from: number): number =>
        folded === undefined ? bytes.indexOf(wanted, from) : folded.indexOf(text, from);
      for (let at = next(0); at !== -1; at = next(at + 1)) {
        if (before && isWordBefore(bytes, at)) continue;
        if (after && isWordAfter(bytes, at + wanted.byteLength)) continue;
        if (isPath && before && (bytes[at - 1] === DASH || bytes[at - 1] === DOT)) continue;
        if (isPath && after && goesOn(bytes, at + wanted.byteLength)) continue;
        found.push({ at, word });
        // One place of a word is enough for its line.
        const end = bytes.indexOf(LINE_FEED, at);
        if (end === -1) break;
        at = end;
      }
    }
    return linesOf(bytes, found, rules.words);
  };
}

/** Whether letters other than ASCII have to be compared without case. */
export function needsRegex({ words, ignoreCase }: WordRules): boolean {
  return ignoreCase && words.some((word) => NOT_ASCII.test(word));
}

/** Git's own rule for what is binary: a NUL in the first 8000 bytes. */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8000).includes(0);
}

/** Hits by line, from places in the bytes in any order. */
export function linesOf(
  bytes: Buffer,
  found: readonly { at: number; word: string }[],
  order: readonly string[],
): LineHit[] {
  const sorted = [...found].sort((a, b) => a.at - b.at);
  const hits: { line: number; column: number; text: string; words: string[] }[] = [];
  let line = 1;
  let start = 0;
  let end = -1;
  for (const { at, word } of sorted) {
    const current = hits.at(-1);
    if (current !== undefined && at < end) {
      if (!current.words.includes(word)) current.words.push(word);
      continue;
    }
    for (let feed = bytes.indexOf(LINE_FEED, start); feed !== -1 && feed < at; feed = bytes.indexOf(LINE_FEED, start)) {
      line += 1;
      start = feed + 1;
    }
    const feed = bytes.indexOf(LINE_FEED, at);
    end = feed === -1 ? bytes.byteLength + 1 : feed + 1;
    hits.push({ line, column: at - start + 1, text: lineText(bytes.subarray(start, end - 1)), words: [word] });
  }
  for (const hit of hits) hit.words.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return hits;
}

/** A line as it is shown and as exceptions name it: without indentation and trailing blanks, not longer than 2000 characters. */
export function lineText(line: Buffer): string {
  const text = line
    .subarray(0, 8 * LONGEST_TEXT)
    .toString('utf8')
    .trim();
  const isCut = text.length > LONGEST_TEXT || line.byteLength > 8 * LONGEST_TEXT;
  return isCut ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

function isWordBefore(bytes: Buffer, at: number): boolean {
  const last = bytes[at - 1];
  if (last === undefined) return false;
  if (last < 0x80) return isAsciiWord(last);
  // Back over continuation bytes to the first byte of the character.
  let start = at - 1;
  while (start > 0 && at - start < 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return isWordText(bytes.subarray(start, at));
}

function isWordAfter(bytes: Buffer, at: number): boolean {
  const first = bytes[at];
  if (first === undefined) return false;
  if (first < 0x80) return isAsciiWord(first);
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  return isWordText(bytes.subarray(at, at + size));
}

// The last name of a path is longer than the word.
function goesOn(bytes: Buffer, at: number): boolean {
  return bytes[at] === DASH || (bytes[at] === DOT && isWordAfter(bytes, at + 1));
}

function isWordText(character: Buffer): boolean {
  const text = character.toString('utf8');
  return !text.includes('\ufffd') && WORD_CHARACTER.test(text);
}

function isAsciiWord(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f
  );
}
