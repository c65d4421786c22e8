const UTC_STAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?\+00:00/g;
const LOCAL_STAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?/g;
const LOG_NAME_STAMP = /-\d{4}-\d\d-\d\d-\d{6}(?=\.log)/g;
const TEMPORARY_NAME = /\/tmp\/tmp[a-z0-9_]{8}/g;
const EPOCH = /^\d{9,11}\.\d{1,9}$/;

const FIRST = 'Traceback (most recent call last):';
const PREFIXED = /^((?:\[(?:out|err)\]<TS> )*)(.*)$/s;
const CHAIN = /^(?:During handling |The above exception )/;
const ERROR_LINE = /^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit)(?::.*)?$/s;
const RULE_LINE = /^(?:\[out\]|\[err\]|-{20})/;

/**
 * Text in the form of which imported recordings keep a digest where they did not keep the text: marks in place of stamps, temporary names,
 * an epoch, the root's path and crash reports, in this order. What it hides is validated by nobody, so it serves for those texts alone.
 *
 * @param text at most some MiB: it is worked on in memory
 */
export function recordingForm(text: Uint8Array, rootMount: string): Buffer {
  const marked = Buffer.from(text)
    .toString('latin1')
    .replace(UTC_STAMP, '<TSUTC>')
    .replace(LOCAL_STAMP, '<TS>')
    .replace(LOG_NAME_STAMP, '-<LOGTS>')
    .replace(TEMPORARY_NAME, '<TMP>')
    .replace(EPOCH, '<EPOCH>')
    .replaceAll(Buffer.from(rootMount).toString('latin1'), '{ROOT}');
  return Buffer.from(marked.includes(FIRST) ? collapseCrashReports(marked) : marked, 'latin1');
}

interface Line {
  prefix: string;
  text: string;
}

// A report whose lines carry the prefixes of a log ends at its first line that is no part of a stack; one without them ends where the
// program's next own text begins, and its last error line is kept.
function collapseCrashReports(text: string): string {
  const lines = text.split('\n').map((line): Line => {
    const [, prefix = '', rest = ''] = PREFIXED.exec(line) ?? [];
    return { prefix, text: rest };
  });
  const kept: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? { prefix: '', text: '' };
    if (!line.text.startsWith(FIRST)) {
      kept.push(line.prefix + line.text);
      continue;
    }
    // A dangling prefix may stand before the first line of a report that nothing prefixes.
    const teed = line.prefix !== '' && lines[i + 1]?.prefix !== '';
    const last = teed ? endOfTeed(lines, i) : endOfPlain(lines, i);
    const error = teed ? lines[last] : lines.slice(i, last + 1).findLast((other) => ERROR_LINE.test(other.text));
    kept.push(`${line.prefix}<TRACEBACK ${error?.text ?? ''}>`);
    i = last;
  }
  return kept.join('\n');
}

function endOfTeed(lines: readonly Line[], first: number): number {
  for (let i = first + 1; i < lines.length; i++) {
    const { text = '' } = lines[i] ?? {};
    if (text === '' || /^\s/.test(text) || CHAIN.test(text) || text.startsWith(FIRST)) continue;
    // The error line: the report goes on only when another one is chained to it.
    const next = lines.findIndex((other, at) => at > i && other.text !== '');
    if (next === -1 || !CHAIN.test(lines[next]?.text ?? '')) return i;
  }
  return lines.length - 1;
}

function endOfPlain(lines: readonly Line[], first: number): number {
  const next = lines.findIndex(({ prefix, text }, at) => at > first && RULE_LINE.test(prefix + text));
  if (next !== -1) return next - 1;
  // The newline that ends the stream stays.
  return lines.at(-1)?.text === '' ? lines.length - 2 : lines.length - 1;
}
