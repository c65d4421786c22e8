import { BatonError } from './errors.ts';

/**
 * Puts `content` between the markers of `part` in a page that people write, and leaves every other byte as it is.
 *
 * The markers are two lines: `<!-- generated:part ... -->` (with any words for the reader) and `<!-- /generated:part -->`.
 *
 * @throws BatonError `INTERNAL` when the page does not have each marker once, in this order
 */
export function replaceGenerated(page: string, part: string, content: string): string {
  const begins = [...page.matchAll(new RegExp(`^<!-- generated:${part}(?: [^\\n]*)? -->\\n`, 'gm'))];
  const ends = [...page.matchAll(new RegExp(`^<!-- /generated:${part} -->$`, 'gm'))];
  const [begin] = begins;
  const [end] = ends;
  if (begin === undefined || end === undefined || begins.length + ends.length !== 2 || end.index < begin.index) {
    throw new BatonError(
      'INTERNAL',
      `expected one part "generated:${part}" in the page, found ${begins.length} begins and ${ends.length} ends`,
      {
        hint: `Write the lines <!-- generated:${part} --> and <!-- /generated:${part} --> where it belongs.`,
      },
    );
  }
  const head = page.slice(0, begin.index + begin[0].length);
  return `${head}\n${content.trim()}\n\n${page.slice(end.index)}`;
}
