import { prefixes, withoutPrefixes } from './neutral-text.ts';
import type { TextRule, Texts } from './suspect.ts';

const DANGLING = /\[(?:out|err)\]2000-01-01T00:00:00 $/;
/** What Unicode calls a line boundary and LF is not: VT, FF, FS, GS, RS, CR, NEL, LS, PS. */
const SEPARATORS = /\x0b|\x0c|\x1c|\x1d|\x1e|\r|\xc2\x85|\xe2\x80[\xa8\xa9]/g;
const LONG = 64 * 1024;

/** What happens to lines and bytes. Tried in order: the narrow ones first. */
export const TEXT_RULES: readonly TextRule[] = [
  droppedNul,
  foldedLineEnd,
  droppedReturn,
  prefixOnEmpty,
  danglingPrefix,
  otherSeparators,
  missingPrefixes,
  extraPrefixes,
  cutLine,
  crashed,
  finalNewline,
  trailingBlanks,
  letterCase,
  spelling,
  otherQuotes,
  otherOrder,
  endsEarly,
];

function droppedNul({ old, now }: Texts): string | undefined {
  return old.includes('\0') && old.replaceAll('\0', '') === now.replaceAll('\0', '') && !now.includes('\0')
    ? 'NEW drops NUL bytes.'
    : undefined;
}

function foldedLineEnd({ old, now }: Texts): string | undefined {
  return old.includes('\r\n') && old.replaceAll('\r\n', '\n') === now ? 'NEW folds CR LF into LF.' : undefined;
}

function droppedReturn({ old, now }: Texts): string | undefined {
  if (old.includes('\r') && old.replaceAll('\r', '') === now.replaceAll('\r', '') && !now.includes('\r'))
    return 'NEW drops CR bytes.';
  return old.includes('\r') && old.replace(/\r\n?/g, '\n') === now
    ? 'NEW reads CR as a line end (universal newlines).'
    : undefined;
}

function prefixOnEmpty({ old, now, suspect: { oldSize } }: Texts): string | undefined {
  return old === '' && oldSize === 0 && DANGLING.test(now) && withoutPrefixes(now) === ''
    ? 'NEW writes a prefix although there is no output.'
    : undefined;
}

function danglingPrefix({ old, now, suspect: { isLast } }: Texts): string | undefined {
  if (isLast === false && !DANGLING.test(old)) return undefined;
  if (DANGLING.test(old) && old.replace(DANGLING, '') === now)
    return 'NEW lacks the dangling prefix at the end of the stream.';
  return DANGLING.test(now) && now.replace(DANGLING, '') === old
    ? 'NEW has a dangling prefix at the end of the stream.'
    : undefined;
}

function otherSeparators({ old, now }: Texts): string | undefined {
  if (old.search(SEPARATORS) === -1 || prefixes(now) < prefixes(old)) return undefined;
  const bare = (text: string): string => withoutPrefixes(text).replace(SEPARATORS, '').replaceAll('\n', '');
  const more = lines(now) > lines(old) || prefixes(now) > prefixes(old);
  return more && bare(old) === bare(now)
    ? 'NEW splits lines at other separators than LF, such as CR, VT, FF or U+2028.'
    : undefined;
}

function missingPrefixes({ old, now }: Texts): string | undefined {
  const missing = prefixes(old) - prefixes(now);
  if (missing <= 0 || withoutPrefixes(old) !== withoutPrefixes(now)) return undefined;
  // A line that follows a stream begins with the stream's dangling prefix: alone, it looks like any other.
  if (missing === 1 && prefixes(old) === 1)
    return 'NEW leaves out 1 of 1 prefixes: the dangling prefix at the end of a stream, or that of a later line in a chunk.';
  return `NEW leaves out ${missing} of ${prefixes(old)} prefixes: only the first line of a chunk is stamped.`;
}

function extraPrefixes({ old, now }: Texts): string | undefined {
  const more = prefixes(now) - prefixes(old);
  return more > 0 && withoutPrefixes(old) === withoutPrefixes(now)
    ? `NEW has ${more} more prefixes: text is stamped that goes on in OLD.`
    : undefined;
}

function cutLine({ old, now }: Texts): string | undefined {
  const longest = Math.max(...old.split('\n').map((line) => line.length));
  if (longest < LONG - 256) return undefined;
  const shorter = Math.max(...now.split('\n').map((line) => line.length));
  if (shorter >= longest) return undefined;
  const bare = (text: string): string => withoutPrefixes(text).replaceAll('\n', '');
  const kept = bare(now);
  return bare(old) === kept || bare(old).startsWith(kept.slice(0, LONG - 256))
    ? `NEW cuts a line of ${longest} bytes at ${shorter}: the limit of a line scanner, 64 KiB in Go.`
    : undefined;
}

function crashed({ old, now, suspect: { kind } }: Texts): string | undefined {
  if (kind !== 'crash') return undefined;
  const [inOld, inNew] = [old, now].map((text) => text.includes('Traceback (most recent call last):'));
  if (inOld && inNew) return 'Both crash, with another error.';
  return inOld ? 'OLD crashes here, and NEW writes no crash report.' : 'NEW writes a crash report, and OLD does not.';
}

function finalNewline({ old, now }: Texts): string | undefined {
  if (old === `${now}\n`) return 'NEW lacks the newline at the end.';
  return now === `${old}\n` ? 'NEW adds a newline at the end.' : undefined;
}

function trailingBlanks({ old, now }: Texts): string | undefined {
  const trimmed = (text: string): string => text.replace(/[ \t]+(?=\n|$)/g, '');
  if (trimmed(old) !== trimmed(now)) return undefined;
  return old.length > now.length
    ? 'NEW trims blanks at the end of a line.'
    : 'NEW has more blanks at the end of a line.';
}

function letterCase({ old, now }: Texts): string | undefined {
  return old.toLowerCase() === now.toLowerCase() ? 'NEW writes the same in other case.' : undefined;
}

function spelling({ old, now }: Texts): string | undefined {
  const [olds, news] = [old, now].map((text) => text.match(/[A-Za-z]+|[^A-Za-z]+/g) ?? []);
  if (olds === undefined || news === undefined || olds.length !== news.length) return undefined;
  const changed = olds.flatMap((word, i): [string, string][] => (word === news[i] ? [] : [[word, news[i] ?? '']]));
  const [first] = changed;
  if (first === undefined || !changed.every(([one, other]) => /^[A-Za-z]{4,}$/.test(one) && isNear(one, other)))
    return undefined;
  return `NEW spells it ${first[1]}, OLD ${first[0]}: a misspelling is part of the output, too.`;
}

// One letter put in, taken out or changed, or two exchanged.
function isNear(one: string, other: string): boolean {
  let head = 0;
  while (head < one.length && one[head] === other[head]) head++;
  let tail = 0;
  while (tail < Math.min(one.length, other.length) - head && one.at(-1 - tail) === other.at(-1 - tail)) tail++;
  const [left, right] = [one.slice(head, one.length - tail), other.slice(head, other.length - tail)];
  return Math.max(left.length, right.length) <= 1 || (left.length === 2 && left === [...right].reverse().join(''));
}

function otherQuotes({ old, now }: Texts): string | undefined {
  const bare = (text: string): string => text.replace(/["']/g, '');
  return old.includes("'") && bare(old) === bare(now)
    ? "NEW has other quotes: OLD prints Python's repr(), with single ones."
    : undefined;
}

function otherOrder({ old, now }: Texts): string | undefined {
  const sorted = (text: string): string => text.split('\n').sort().join('\n');
  return lines(old) > 1 && sorted(old) === sorted(now) ? 'NEW has the same lines in another order.' : undefined;
}

function endsEarly({ old, now, suspect: { kind } }: Texts): string | undefined {
  if (kind === 'missing-tail')
    return now === '' || old.startsWith(now) ? 'NEW ends early: what follows in OLD is missing.' : undefined;
  return kind === 'extra-tail' ? 'NEW goes on where OLD has ended.' : undefined;
}

function lines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
