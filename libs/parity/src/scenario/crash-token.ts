/** The first line of a crash report. */
export const CRASH_HEADING = 'Traceback (most recent call last):';

// The prefixes of a teed line stay in front of the token; the message may hold any character but a line end.
const TOKEN = /^((?:\[(?:out|err)\][^ \n]* )*)<TRACEBACK ([^\n]*)>$/gm;
const LAST_PREFIX = /\[(?:out|err)\][^ \n]* $/;

/**
 * A recorded text whose crash reports were cut down to lines `<TRACEBACK Type: message>`, with a report of two lines in the place of
 * each: the heading, and `Type: message` with the prefix that its line would have had.
 *
 * @param text Latin-1, so that every byte stays what it is
 */
export function crashReportsOf(text: string): string {
  return text.replace(TOKEN, (_, prefixes: string, error: string) => {
    const last = LAST_PREFIX.exec(prefixes)?.[0] ?? '';
    return `${prefixes}${CRASH_HEADING}\n${last}${error}`;
  });
}
