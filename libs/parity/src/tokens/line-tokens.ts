import type { PatternRule, TokenKind } from '../model/scenario.ts';
import type { ChannelRules } from './channel-rules.ts';
import { StampParser } from './stamp-parser.ts';

/** A volatile part of a line. */
export interface LineToken {
  kind: TokenKind | 'pattern';
  /** Of a pattern. */
  rule?: PatternRule;
  start: number;
  end: number;
  /** What stands there, one character a byte. */
  text: string;
  /** Of a stamp: microseconds since 1970, as if it were UTC. */
  micros: number;
}

/** The tokens of a line in their order, and two that share bytes, if there are any. */
export interface FoundTokens {
  tokens: readonly LineToken[];
  overlap?: readonly [LineToken, LineToken];
}

const STAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6}(?!\d)|(?!\.\d))(\+00:00)?/g;
const LOG_STAMP = /-(\d{4}-\d\d-\d\d)-(\d\d)(\d\d)(\d\d)(?=\.log)/g;
const TEMP_NAME = /\/tmp\/tmp[a-z0-9_]{8}/g;
const EPOCH = /^\d{9,11}\.\d{1,9}$/;
const PID = /(?<=\b(?:pid|Pid|PID)(?:[ =]|: ?))[1-9]\d{0,6}(?!\d)/g;
// What somebody may have meant as a stamp: other separators, other fractions, other zones.
const ANY_STAMP = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?/g;

const parser = new StampParser();
const micros = new Float64Array(1);

/** Finds the tokens of a line (one character a byte, newline included); `whole` says that the line is all there is. */
export function tokensOf(line: string, rules: ChannelRules, whole: boolean): FoundTokens {
  const { kinds, patterns } = rules;
  const tokens: LineToken[] = [];
  const add = (kind: LineToken['kind'], start: number, text: string, at = 0): void =>
    void tokens.push({ kind, start, end: start + text.length, text, micros: at });
  const [local, utc] = [kinds.has('iso-local'), kinds.has('iso-utc')];
  if (local || utc) {
    for (const { index, 0: text, 1: zone } of line.matchAll(STAMP)) {
      const bare = zone === undefined ? text : text.slice(0, -zone.length);
      const at = stampMicros(bare);
      if (at === undefined) continue;
      if (utc && zone !== undefined) add('iso-utc', index, text, at);
      else if (local) add('iso-local', index, bare, at);
    }
  }
  if (kinds.has('log-stamp')) {
    for (const { index, 0: text, 1: day, 2: h, 3: m, 4: s } of line.matchAll(LOG_STAMP)) {
      const at = stampMicros(`${day}T${h}:${m}:${s}`);
      if (at !== undefined) add('log-stamp', index, text, at);
    }
  }
  if (kinds.has('temp-name')) for (const { index, 0: text } of line.matchAll(TEMP_NAME)) add('temp-name', index, text);
  if (kinds.has('pid')) for (const { index, 0: text } of line.matchAll(PID)) add('pid', index, text);
  if (whole && kinds.has('epoch') && isEpoch(line)) add('epoch', 0, line, Math.round(Number(line) * 1e6));
  for (const { rule, expression } of patterns) {
    for (const { index, 0: text } of line.matchAll(expression)) {
      if (text.length > 0)
        tokens.push({ kind: 'pattern', rule, start: index, end: index + text.length, text, micros: 0 });
    }
  }
  tokens.sort((a, b) => a.start - b.start);
  const second = tokens.findIndex((token, i) => i > 0 && token.start < (tokens[i - 1]?.end ?? 0));
  const [one, other] = [tokens[second - 1], tokens[second]];
  return one !== undefined && other !== undefined ? { tokens, overlap: [one, other] } : { tokens };
}

/** The line with a mark in place of each token: a character beyond those of bytes, so that no text can look like one. */
export function maskTokens(line: string, tokens: readonly LineToken[]): string {
  let masked = '';
  let at = 0;
  for (const token of tokens) {
    masked += line.slice(at, token.start) + markOf(token);
    at = token.end;
  }
  return tokens.length === 0 ? line : masked + line.slice(at);
}

/** The index in a line that an index in its masked form stands for: within a mark, the token's beginning. */
export function rawIndex(tokens: readonly LineToken[], masked: number): number {
  let shift = 0;
  for (const token of tokens) {
    const mark = token.start + shift;
    if (masked < mark) break;
    const { length } = markOf(token);
    if (masked < mark + length) return token.start;
    shift += length - (token.end - token.start);
  }
  return masked - shift;
}

function markOf({ kind, rule }: LineToken): string {
  return `\u2039${kind === 'pattern' ? rule?.name : kind}\u203a`;
}

/** What looks like a stamp in a line, valid or not. */
export function looseStamps(line: string): LineToken[] {
  return [...line.matchAll(ANY_STAMP)].map(({ index, 0: text }) => {
    const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(text.slice(19));
    return { kind: zoned ? 'iso-utc' : 'iso-local', start: index, end: index + text.length, text, micros: 0 };
  });
}

/** Microseconds since 1970 of a stamp without a zone, as if it were UTC; undefined when it is not valid. */
export function stampMicros(stamp: string): number | undefined {
  const bytes = Buffer.from(stamp, 'latin1');
  return parser.parse(bytes, 0, bytes.length, micros, 0) === bytes.length ? micros[0] : undefined;
}

// As Python prints a float: the shortest digits that give it back, and `.0` for a whole one.
function isEpoch(text: string): boolean {
  return EPOCH.test(text) && (/\.0$/.test(text) ? !text.startsWith('0') : String(Number(text)) === text);
}
