/** A word of a Makefile line, with its place in the file's text. */
export interface Word {
  text: string;
  start: number;
  end: number;
}

/**
 * The words between blanks in a part of the text. `$(...)` and `${...}` hold blanks together, a backslash in front of a line
 * ending is a blank, and the rest from an unescaped `#` on is a comment.
 */
export function makeWords(text: string, start: number, end: number): Word[] {
  const words: Word[] = [];
  let from: number | undefined;
  const flush = (to: number): void => {
    if (from !== undefined) words.push({ text: text.slice(from, to), start: from, end: to });
    from = undefined;
  };
  for (let at = start; at < end; ) {
    const character = text.charAt(at);
    const continued = continuationAt(text, at);
    if (character === '#' && !isEscaped(text, at, start)) {
      flush(at);
      return words;
    }
    if (/\s/.test(character) || continued > at) {
      if (continued > at || !isEscaped(text, at, start)) {
        flush(at);
        at = Math.max(continued, at + 1);
        continue;
      }
    }
    from ??= at;
    at = Math.min(end, skipReference(text, at, end));
  }
  flush(end);
  return words;
}

/** Behind a backslash and the line ending that it continues; `at` where there is none. */
export function continuationAt(text: string, at: number): number {
  if (text[at] !== '\\') return at;
  if (text[at + 1] === '\n') return at + 2;
  return text[at + 1] === '\r' && text[at + 2] === '\n' ? at + 3 : at;
}

/** Behind the variable reference or the character at `at`. */
export function skipReference(text: string, at: number, end: number): number {
  if (text[at] !== '$') return at + 1;
  const open = text[at + 1];
  if (open !== '(' && open !== '{') return at + 2;
  const close = open === '(' ? ')' : '}';
  let depth = 1;
  for (let inside = at + 2; inside < end; inside += 1) {
    if (text[inside] === open) depth += 1;
    if (text[inside] === close) depth -= 1;
    if (depth === 0) return inside + 1;
  }
  return end;
}

/** The first of `wanted` outside of variable references and not escaped; -1 where there is none. A comment ends the search. */
export function findOutside(text: string, wanted: string, start: number, end: number): number {
  for (let at = start; at < end; at = skipReference(text, at, end)) {
    const character = text.charAt(at);
    const isComment = character === '#';
    if (!(isComment || wanted.includes(character)) || isEscaped(text, at, start)) continue;
    return isComment ? -1 : at;
  }
  return -1;
}

/** Where the comment of a part begins; `end` where there is none. */
export function commentStart(text: string, start: number, end: number): number {
  for (let at = start; at < end; at = skipReference(text, at, end)) {
    if (text[at] === '#' && !isEscaped(text, at, start)) return at;
  }
  return end;
}

function isEscaped(text: string, at: number, start: number): boolean {
  let count = 0;
  while (at - count > start && text[at - count - 1] === '\\') count += 1;
  return count % 2 === 1;
}
