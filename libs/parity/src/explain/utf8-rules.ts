import type { TextRule, Texts } from './suspect.ts';

/** U+FFFD in UTF-8, one character a byte. */
const REPLACEMENT = '\xef\xbf\xbd';
const RUN = /(?:\xef\xbf\xbd)+/g;
/** What a Latin-1 byte above 0x7f becomes in UTF-8. */
const FROM_LATIN1 = /(?:[\xc2\xc3][\x80-\xbf])+/g;
const BEYOND_ASCII = /[\x80-\xff]+/g;
const BOM = '\xef\xbb\xbf';

/** How bytes that are no UTF-8 become text. */
export const UTF8_RULES: readonly TextRule[] = [
  byteOrderMark,
  mergedRun,
  perByte,
  acrossChunks,
  latin1,
  passedThrough,
  droppedBytes,
];

function byteOrderMark({ old, now }: Texts): string | undefined {
  return old.includes(BOM) && old.replaceAll(BOM, '') === now.replaceAll(BOM, '') && count(now, BOM) < count(old, BOM)
    ? 'NEW swallows a byte order mark: its decoder takes it for a signature.'
    : undefined;
}

function mergedRun({ old, now }: Texts): string | undefined {
  const [wanted, got] = [count(old, REPLACEMENT), count(now, REPLACEMENT)];
  if (got === 0 || got >= wanted || old.replace(RUN, '?') !== now.replace(RUN, '?')) return undefined;
  return `NEW merged ${wanted} replacement characters into ${got}: its decoder collapses runs of invalid bytes.`;
}

function perByte({ old, now }: Texts): string | undefined {
  const [wanted, got] = [count(old, REPLACEMENT), count(now, REPLACEMENT)];
  if (wanted === 0 || got <= wanted || old.replace(RUN, '?') !== now.replace(RUN, '?')) return undefined;
  return `NEW has ${got} replacement characters for ${wanted}: it replaces every byte, OLD every ill-formed sequence.`;
}

function acrossChunks({ old, now }: Texts): string | undefined {
  // A split character gives two replacements or more, and is one when it becomes whole.
  if (!old.includes(REPLACEMENT) || !isUtf8(now) || count(old, REPLACEMENT) === count(now, REPLACEMENT))
    return undefined;
  if (characters(now) >= characters(old) || old.replace(BEYOND_ASCII, '?') !== now.replace(BEYOND_ASCII, '?'))
    return undefined;
  return 'NEW keeps its decoder from chunk to chunk: a character that is split between two chunks becomes whole, in OLD each part is replaced.';
}

function latin1({ old, now }: Texts): string | undefined {
  const twice = Buffer.from(old, 'utf8').toString('latin1');
  // Each invalid byte gives one character, and a sequence of them one replacement.
  const replaced =
    old.includes(REPLACEMENT) &&
    characters(now) >= characters(old) &&
    old.replace(RUN, '?') === now.replace(FROM_LATIN1, '?');
  return (twice !== old && twice === now) || replaced
    ? 'NEW decodes as Latin-1: each byte above 0x7f became a character of its own.'
    : undefined;
}

function passedThrough({ old, now }: Texts): string | undefined {
  if (!old.includes(REPLACEMENT) || isUtf8(now)) return undefined;
  return old.replace(BEYOND_ASCII, '?') === now.replace(BEYOND_ASCII, '?')
    ? 'NEW passes on bytes that are no UTF-8, and OLD replaces them.'
    : undefined;
}

function droppedBytes({ old, now }: Texts): string | undefined {
  return old.includes(REPLACEMENT) && old.replaceAll(REPLACEMENT, '') === now
    ? 'NEW drops bytes that are no UTF-8, and OLD replaces them.'
    : undefined;
}

function isUtf8(text: string): boolean {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.from(bytes.toString('utf8')).equals(bytes);
}

// Those beyond ASCII.
function characters(text: string): number {
  return [...Buffer.from(text, 'latin1').toString('utf8')].filter((one) => one > '\x7f').length;
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
