import type { CrashLevel } from '../model/scenario.ts';
import type { Side } from './side.ts';

/** The first line of a crash report, behind the prefixes of a log. */
export const CRASH_HEADER = Buffer.from('Traceback (most recent call last):');
const PREFIXED = /^((?:\[(?:out|err)\]\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})? )*)(.*)$/s;
const CHAIN = /^(?:During handling |The above exception )/;
const ERROR_LINE = /^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit)(?::.*)?$/s;
const RULE_LINE = /^(?:\[out\]|\[err\]|-{20})/;

/** Longest line that is looked at as a line. Bytes. */
export const LONGEST_LINE = 1024 * 1024;

/** A line, or a crash report, which counts as one. */
export interface LogicalLine {
  /** Offsets, the newline included. */
  start: number;
  end: number;
  /** One character a byte, newline included. Of a report: its prefixes, `<TRACEBACK Type: message>` and a newline. */
  text: string;
  crash: boolean;
}

interface Physical {
  end: number;
  prefix: string;
  text: string;
  newline: string;
}

/**
 * Reads the line at an offset, with `crashes` a whole crash report as one; undefined at the end, `'long'` for a line over 1 MiB.
 *
 * A report whose lines carry the prefixes of a log ends at its first line that is no part of a stack, unless another report is chained
 * to it. One without them ends where the log's next own text begins, and its last error line is kept.
 */
export function readLogicalLine(side: Side, start: number, crashes: boolean): LogicalLine | 'long' | undefined {
  const end = start >= side.source.size ? start : side.lineEnd(start, LONGEST_LINE);
  if (end === start) return undefined;
  if (end === undefined || end - start > LONGEST_LINE) return 'long';
  const raw = side.copy(start, end).toString('latin1');
  const plain = { start, end, text: raw, crash: false };
  if (!crashes) return plain;
  const first = splitLine(raw, end);
  if (!first.text.startsWith(CRASH_HEADER.toString())) return plain;
  const second = physicalLine(side, end);
  // A dangling prefix may stand before the first line of a report that nothing prefixes.
  const teed = first.prefix !== '' && second !== undefined && second.prefix !== '';
  const report = teed ? endOfTeed(side, end) : endOfPlain(side, end);
  const text = `${first.prefix}<TRACEBACK ${report.error}>${report.newline}`;
  return { start, end: report.end, text, crash: true };
}

/** A crash report's line without what a level does not look at. */
export function crashAtLevel(text: string, level: CrashLevel): string {
  if (level === 'strict') return text;
  return text.replace(/<TRACEBACK ([\w.]*)[^\n]*>(?=\n|$)/g, level === 'typed' ? '<TRACEBACK $1>' : '<TRACEBACK>');
}

interface Report {
  end: number;
  error: string;
  newline: string;
}

function endOfTeed(side: Side, from: number): Report {
  let last: Physical | undefined;
  for (let line = physicalLine(side, from); line !== undefined; line = physicalLine(side, line.end)) {
    last = line;
    if (isInside(line.text)) continue;
    // The error line: the report goes on only when another one is chained to it.
    let next = physicalLine(side, line.end);
    while (next !== undefined && next.text === '') next = physicalLine(side, next.end);
    if (next === undefined || !CHAIN.test(next.text)) return { end: line.end, error: line.text, newline: line.newline };
  }
  return { end: last?.end ?? from, error: last?.text ?? '', newline: last?.newline ?? '' };
}

function isInside(text: string): boolean {
  return text === '' || /^\s/.test(text) || CHAIN.test(text) || text.startsWith(CRASH_HEADER.toString());
}

function endOfPlain(side: Side, from: number): Report {
  let report: Report = { end: from, error: '', newline: '\n' };
  for (let line = physicalLine(side, from); line !== undefined; line = physicalLine(side, line.end)) {
    if (RULE_LINE.test(line.prefix + line.text)) break;
    report = { ...report, end: line.end, newline: line.newline };
    if (ERROR_LINE.test(line.text)) report.error = line.text;
  }
  return report;
}

function physicalLine(side: Side, start: number): Physical | undefined {
  if (start >= side.source.size) return undefined;
  const end = side.lineEnd(start, LONGEST_LINE) ?? Math.min(side.source.size, start + LONGEST_LINE);
  return splitLine(side.copy(start, end).toString('latin1'), end);
}

function splitLine(raw: string, end: number): Physical {
  const newline = raw.endsWith('\n') ? '\n' : '';
  const [, prefix = '', text = ''] = PREFIXED.exec(newline === '' ? raw : raw.slice(0, -1)) ?? [];
  return { end, prefix, text, newline };
}
