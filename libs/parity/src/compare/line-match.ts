import { createHash } from 'node:crypto';
import { type LineToken, looseStamps, maskTokens, tokensOf } from '../tokens/line-tokens.ts';
import { LINE_BUDGET } from '../tokens/token-book.ts';
import type { ChannelContext } from './channel-context.ts';
import { crashAtLevel, type LogicalLine } from './crash-report.ts';
import type { KeyedLine } from './hunk.ts';
import type { StampFindings } from './stamp-findings.ts';
import type { TokenFault } from './token-fault.ts';

/** Characters above which a digest stands for a line. */
const LONGEST_KEY = 1024;

/** Masks a line's tokens; `whole` says that the line is all that its side has. Two rules for the same bytes are refused. */
export function keyLine(line: LogicalLine, context: ChannelContext, whole: boolean): KeyedLine {
  const { tokens, overlap } = tokensOf(line.text, context.rules, whole);
  if (overlap !== undefined) {
    const names = overlap.map(({ kind, rule }) => rule?.name ?? kind).sort();
    const message = `token rules ${names.join(' and ')} match the same bytes of ${context.channel}`;
    const hint = 'Narrow one of them, or take it away.';
    context.book.refuse(`overlap ${names.join(' ')}`, 'TOKEN_OVERLAP', message, { hint });
  }
  const text = maskTokens(line.text, overlap === undefined ? tokens : []);
  const masked = line.crash ? crashAtLevel(text, context.crash) : text;
  return { line, tokens: overlap === undefined ? tokens : [], masked, key: keyOf(masked) };
}

function keyOf(masked: string): string {
  return masked.length <= LONGEST_KEY ? masked : createHash('sha256').update(masked).digest('base64');
}

/** Tokens that stand in the same places, in pairs. */
export function tokenPairs(old: KeyedLine, now: KeyedLine): [LineToken, LineToken][] {
  return old.tokens.flatMap((token, i): [LineToken, LineToken][] => {
    const other = now.tokens[i];
    return other === undefined ? [] : [[token, other]];
  });
}

/**
 * Stamps of NEW that were meant for stamps of OLD and break their format: the lines agree as soon as whatever looks like a stamp counts as
 * one. Undefined when there is more to it.
 */
export function misformedStamps(old: KeyedLine, now: KeyedLine): TokenFault[] | undefined {
  const stamps = old.tokens.filter(({ kind }) => kind === 'iso-local' || kind === 'iso-utc');
  const [loose, found] = [looseStamps(old.line.text), looseStamps(now.line.text)];
  if (stamps.length === 0 || loose.length !== found.length) return undefined;
  const bare = (tokens: readonly LineToken[]): LineToken[] => tokens.map((token) => ({ ...token, kind: 'iso-local' }));
  if (maskTokens(old.line.text, bare(loose)) !== maskTokens(now.line.text, bare(found))) return undefined;
  const faults = stamps.flatMap((token): TokenFault[] => {
    const other = found[loose.findIndex(({ start }) => start === token.start)];
    if (other === undefined) return [];
    const whole = loose.find(({ start }) => start === token.start) ?? token;
    const valid = now.tokens.some(
      ({ start, end, kind }) => start === other.start && end === other.end && kind === token.kind,
    );
    if (valid && whole.text.slice(token.text.length) === '') return [];
    const message = `${other.text} is no stamp as OLD writes it (${whole.text})`;
    return [{ kind: 'token-format', message, old: whole, now: other }];
  });
  return faults.length === 0 ? undefined : faults;
}

/**
 * Holds the tokens of two lines that agree otherwise to their validators; those before `from` (a column of OLD) were already. What was hidden is
 * entered into the ledger.
 */
export function checkPairs(
  old: KeyedLine,
  now: KeyedLine,
  from: number,
  context: ChannelContext,
  stamps: StampFindings,
  rising: Map<string, number>,
): TokenFault[] {
  const { book, channel } = context;
  const faults: TokenFault[] = [];
  let patternBytes = 0;
  for (const [one, other] of tokenPairs(old, now)) {
    const isStamp =
      one.kind === 'iso-local' || one.kind === 'iso-utc' || one.kind === 'log-stamp' || one.kind === 'epoch';
    if (isStamp) {
      if (one.end > from) faults.push(...stamps.check(one, other));
      continue;
    }
    if (one.text === other.text && one.kind !== 'pattern') {
      book.namesOf(one.kind).note(one.text, other.text, channel);
      continue;
    }
    const fault =
      one.rule === undefined ? sameName(one.kind, one, other, context) : checkPattern(one, other, context, rising);
    if (fault !== undefined) faults.push({ kind: 'token-group', message: fault, old: one, now: other });
    if (one.text !== other.text) book.enter(one.kind, channel, 1, other.text.length, one.rule?.name);
    if (one.rule !== undefined && one.text !== other.text) patternBytes += Math.max(one.text.length, other.text.length);
  }
  if (patternBytes > 0) checkLineBudget(patternBytes, now.line.text, context);
  return faults;
}

function sameName(
  rule: string,
  one: LineToken,
  other: LineToken,
  { book, channel }: ChannelContext,
): string | undefined {
  const contradiction = book.namesOf(rule).note(one.text, other.text, channel);
  return contradiction && `${one.text} is ${other.text} here, but ${contradiction}`;
}

function checkPattern(
  one: LineToken,
  other: LineToken,
  context: ChannelContext,
  rising: Map<string, number>,
): string | undefined {
  const { rule } = one;
  if (rule === undefined) return undefined;
  if (one.text !== other.text) context.book.meet(rule, one.text, context.channel);
  if (rule.validator.kind === 'same') return sameName(`pattern ${rule.name}`, one, other, context);
  if (one.text === other.text) return undefined;
  const value = numberIn(rule.pattern, other.text);
  if (value === undefined) return `${other.text} holds no decimal number, which "${rule.name}" wants`;
  if (rule.validator.kind === 'number') {
    const { min, max } = rule.validator;
    return value < min || value > max
      ? `${value} is not within ${min} to ${max}, as "${rule.name}" wants it`
      : undefined;
  }
  const before = rising.get(rule.name) ?? -Infinity;
  rising.set(rule.name, value);
  return value < before ? `${value} comes after ${before}, and "${rule.name}" never falls` : undefined;
}

// The first group when the pattern has one and still matches alone (a lookbehind does not), else all digits of the text.
function numberIn(pattern: string, text: string): number | undefined {
  const digits = new RegExp(pattern).exec(text)?.[1] ?? /-?\d+(?:\.\d+)?/.exec(text)?.[0] ?? '';
  const value = Number(digits);
  return digits === '' || Number.isNaN(value) ? undefined : value;
}

function checkLineBudget(hidden: number, line: string, { book, channel }: ChannelContext): void {
  const whole = hidden >= line.replace(/\n$/, '').length;
  if (hidden <= LINE_BUDGET && !whole) return;
  const what = whole ? 'a whole line' : `${hidden} bytes of a line, more than ${LINE_BUDGET},`;
  book.refuse(`line ${channel}`, 'TOKEN_BUDGET', `patterns hide ${what} in ${channel}`, {
    hint: 'Narrow the pattern to what really changes.',
  });
}
