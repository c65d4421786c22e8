/** A stamp of no moment. */
export const SOME_STAMP = '2000-01-01T00:00:00';
/** What stands in front of the lines of a log. */
export const PREFIX = new RegExp(`\\[(?:out|err)\\]${SOME_STAMP} `, 'g');

const STAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?/g;

/** Lines as one text, one character a byte, with the same stamp in place of each. */
export function neutral(lines: readonly Buffer[] = []): string {
  return Buffer.concat(lines).toString('latin1').replace(STAMP, SOME_STAMP);
}

/** The text without the prefixes of a log. */
export function withoutPrefixes(text: string): string {
  return text.replace(PREFIX, '');
}

/** How many prefixes of a log stand in a text. */
export function prefixes(text: string): number {
  return text.match(PREFIX)?.length ?? 0;
}
