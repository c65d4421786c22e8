/** Lines of a text; offsets are UTF-16 indexes, a line's end is before its `\n` or `\r\n`. */

/** Where the line begins that holds `at`. */
export function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}

/** Where the text of the line ends that holds `at`. */
export function lineEnd(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  if (found === -1) return text.length;
  return found > at && text[found - 1] === '\r' ? found - 1 : found;
}

/** Where the next line begins, or the end of the text. */
export function nextLine(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  return found === -1 ? text.length : found + 1;
}

/** The distance from the line's beginning. */
export function columnOf(text: string, at: number): number {
  return at - lineStart(text, at);
}

/** Whether only spaces stand before it on its line. */
export function isFirstOnLine(text: string, at: number): boolean {
  return text.slice(lineStart(text, at), at).trim() === '';
}

/** The ending of the line that holds `at`, or of the line before it, or of the first line that has one; `\n` otherwise. */
export function endingNear(text: string, at: number): string {
  const here = text.indexOf('\n', at);
  const before = here === -1 ? text.lastIndexOf('\n', at) : here;
  const found = before === -1 ? text.indexOf('\n') : before;
  return found > 0 && text[found - 1] === '\r' ? '\r\n' : '\n';
}

/** The beginnings of the blank lines directly above the line that begins at `start`, from the top; none before `floor`. */
export function blankLinesAbove(text: string, start: number, floor: number): number[] {
  const found: number[] = [];
  for (let at = start; at > floor; ) {
    const above = lineStart(text, at - 1);
    if (above < floor || above >= at || text.slice(above, at).trim() !== '') break;
    found.unshift(above);
    at = above;
  }
  return found;
}

/** Where the blank lines end that begin at `start`. */
export function behindBlankLines(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const next = nextLine(text, at);
    if (text.slice(at, next).trim() !== '') break;
    at = next;
  }
  return at;
}
