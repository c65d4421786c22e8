import { sha256 } from '@baton/kernel';

/** The two lines that enclose the generated part; the first is what a pull request is recognised by. */
export function bodyMarkers(name: string): { begin: string; end: string } {
  return { begin: `<!-- baton:cutover ${name} -->`, end: `<!-- /baton:cutover ${name} -->` };
}

/** A line that nobody sees, by which a title that a person changed is told from one that was made here. */
export function titleMark(title: string): string {
  return `<!-- baton:title ${sha256(Buffer.from(title)).slice(-16)} -->`;
}

/**
 * The whole body: what people wrote outside of the markers stays, byte for byte; a body without them gets the generated part at its
 * end. GitHub's page writes CRLF everywhere once somebody edits there: that alone is no change.
 *
 * @param current what the pull request has now; undefined for a new one
 * @param above what a new one has above the generated part
 */
export function mergeBody(
  current: string | undefined,
  generated: string,
  { name, above }: { name: string; above?: string | undefined },
): string {
  if (current === undefined) return above === undefined ? generated : `${above.trimEnd()}\n\n${generated}`;
  const part = generatedPart(current, name);
  if (part === undefined) return current === '' ? generated : `${current}\n\n${generated}`;
  const found = current.slice(part.start, part.end);
  if (found.replaceAll('\r\n', '\n') === generated) return current;
  return current.slice(0, part.start) + generated + current.slice(part.end);
}

/** Whether a body has a title mark, and it is of this title: nobody has changed the title since. */
export function isOwnTitle(body: string, title: string, name: string): boolean {
  const part = generatedPart(body, name);
  return part !== undefined && body.slice(part.start, part.end).includes(titleMark(title));
}

// The first pair: a begin whose next marker is an end. A begin that lost its end must not swallow what was written below it.
function generatedPart(body: string, name: string): { start: number; end: number } | undefined {
  const { begin, end } = bodyMarkers(name);
  const first = body.indexOf(begin);
  const close = first === -1 ? -1 : body.indexOf(end, first);
  if (close === -1) return undefined;
  return { start: body.lastIndexOf(begin, close), end: close + end.length };
}
