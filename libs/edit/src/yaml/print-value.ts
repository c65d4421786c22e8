import type { Value } from '../operations.ts';
import { literalLines, printSimple, printText, type Quotes } from './print-scalar.ts';
import { isList } from './shape.ts';
import type { YamlHand } from './style.ts';

/**
 * A value as it is written behind a key or a dash: what stands on that line, and the lines below, indented from the column of the
 * key or dash. For a collection the head is empty and `compact` says from which column on the lines could follow a dash.
 */
export interface Written {
  head: string;
  body: readonly string[];
}

/** How a value is to be written. */
export interface Wish {
  hand: YamlHand;
  /** The quotes of the neighbours, or of the text that is replaced. */
  quotes?: Quotes;
  /** Inside brackets or braces. */
  flow?: boolean;
  /** Text is never written as a block scalar. */
  oneLine?: boolean;
}

/** Writes a value in brackets, braces and quotes, on one line. */
export function printFlow(value: Value, wish: Wish): string {
  const { hand } = wish;
  if (isList(value)) {
    const pad = hand.padLists && value.length > 0 ? ' ' : '';
    return `[${pad}${value.map((item) => printFlow(item, { ...wish, flow: true })).join(', ')}${pad}]`;
  }
  if (value !== null && typeof value === 'object') {
    const pairs = Object.entries(value).map(([key, item]) => printPair(key, item, { ...wish, flow: true }));
    const pad = hand.padMaps && pairs.length > 0 ? ' ' : '';
    return `{${pad}${pairs.join(', ')}${pad}}`;
  }
  if (typeof value !== 'string') return printSimple(value);
  return printText(value, wish.quotes ?? 'plain', { flow: wish.flow === true, quote: hand.quote });
}

/** Writes `key: value` on one line. */
export function printPair(key: string, value: Value, wish: Wish): string {
  return `${printKey(key, wish)}: ${printFlow(value, { hand: wish.hand, flow: wish.flow === true })}`;
}

/** Writes a key. */
export function printKey(key: string, wish: Wish): string {
  return printText(key, wish.quotes ?? 'plain', { flow: wish.flow === true, key: true, quote: wish.hand.quote });
}

/** Writes a value for block context: collections with dashes and keys, long text as a literal block. */
export function printBlock(value: Value, wish: Wish, indent: { dash: number; step: number } = wish.hand): Written {
  if (typeof value === 'string' && wish.oneLine !== true) {
    const literal = literalLines(value);
    if (literal !== undefined && (wish.quotes ?? 'plain') === 'plain') {
      return { head: literal.header, body: shift(literal.lines, indent.step) };
    }
  }
  if (value === null || typeof value !== 'object' || Object.keys(value).length === 0) {
    return { head: printFlow(value, wish), body: [] };
  }
  const inner = { hand: wish.hand, oneLine: wish.oneLine === true };
  if (isList(value))
    return {
      head: '',
      body: shift(
        value.flatMap((item) => itemLines(item, wish)),
        indent.dash,
      ),
    };
  return {
    head: '',
    body: shift(
      Object.entries(value).flatMap(([key, item]) => pairLines(key, item, inner)),
      indent.step,
    ),
  };
}

/** The lines of an item, its dash at column 0. */
export function itemLines(value: Value, wish: Wish): string[] {
  return behindDash(printBlock(value, wish, { dash: 2, step: 2 }), 2);
}

/** The lines of a pair, its key at column 0. */
export function pairLines(key: string, value: Value, wish: Wish): string[] {
  const { head, body } = printBlock(value, wish);
  return [`${printKey(key, { hand: wish.hand })}:${head === '' ? '' : ` ${head}`}`, ...body];
}

/** A written value behind a dash at column 0; the lines of a collection begin at `column`. */
export function behindDash({ head, body }: Written, column: number): string[] {
  const [first, ...rest] = body;
  if (head !== '' || first === undefined) return [`- ${head}`.trimEnd(), ...body];
  return [`-${' '.repeat(column - 1)}${first.trimStart()}`, ...rest];
}

/** The lines moved to the right (or left, as far as there are spaces); empty ones stay empty. */
export function shift(lines: readonly string[], columns: number): string[] {
  if (columns >= 0) return lines.map((line) => (line === '' ? '' : `${' '.repeat(columns)}${line}`));
  return lines.map((line) => line.replace(new RegExp(`^ {0,${-columns}}`), ''));
}
