const FIRST = 'Traceback (most recent call last):';
const PREFIXED = /^((?:\[(?:out|err)\]<TS(?:#\d+)?> )*)(.*)$/s;
const CHAIN = /^(?:During handling |The above exception )/;
const ERROR_LINE = /^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit)(?::.*)?$/s;
const RULE_LINE = /^(?:\[out\]|\[err\]|-{20})/;

interface Line {
  prefix: string;
  text: string;
}

/**
 * Puts one line, `<TRACEBACK Type: message>`, in the place of each crash report (goldens/README.md, rule 7).
 *
 * A report whose lines carry the prefixes of the tee ends at its first line that is no part of a stack; one without them
 * ends where the agent's next own text begins, and its last error line is kept. `text` is Latin-1 with stamps replaced.
 */
export function collapseTracebacks(text: string): string {
  const lines = text.split('\n').map((line) => {
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
    // A dangling prefix may stand before the first line of a report that the agent itself writes.
    const teed = line.prefix !== '' && lines[i + 1]?.prefix !== '';
    const last = teed ? endOfTeed(lines, i) : endOfPlain(lines, i);
    const error = teed ? lines[last] : lines.slice(i, last + 1).findLast(({ text }) => ERROR_LINE.test(text));
    kept.push(`${line.prefix}<TRACEBACK ${error?.text ?? ''}>`);
    i = last;
  }
  return kept.join('\n');
}

function endOfTeed(lines: readonly Line[], first: number): number {
  for (let i = first + 1; i < lines.length; i++) {
    if (isInside(lines[i]?.text ?? '')) continue;
    // The error line: the report goes on only when another one is chained to it.
    const next = lines.findIndex(({ text }, at) => at > i && text !== '');
    if (next === -1 || !CHAIN.test(lines[next]?.text ?? '')) return i;
  }
  return lines.length - 1;
}

function isInside(text: string): boolean {
  return text === '' || /^\s/.test(text) || CHAIN.test(text) || text.startsWith(FIRST);
}

function endOfPlain(lines: readonly Line[], first: number): number {
  const next = lines.findIndex(({ prefix, text }, at) => at > first && RULE_LINE.test(prefix + text));
  if (next !== -1) return next - 1;
  // The newline that ends the stream stays.
  return lines.at(-1)?.text === '' ? lines.length - 2 : lines.length - 1;
}
