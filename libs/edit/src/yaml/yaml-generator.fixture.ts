import type { Value } from '../operations.ts';
import { Chance, COMMENTS, KEYS, LONG, PLAIN, PLAIN_TOO, QUOTED, QUOTED_TOO } from './yaml-words.fixture.ts';

/** A YAML file by an untidy person, with the data that it holds. */
export interface GeneratedYaml {
  text: string;
  /** The data of each document. */
  data: Value[];
  /** Collections that can be edited without a change elsewhere: not what an anchor names. */
  places: { path: (string | number)[]; flow: boolean }[];
  /** What anchors name. */
  anchored: (string | number)[][];
}

/** Writes a file from a seed: the same seed gives the same file. */
export function generateYaml(seed: number): GeneratedYaml {
  return new Writer(seed).file();
}

class Writer {
  readonly #dice: Chance;
  readonly #step: number;
  readonly #dash: number;
  readonly #spaced: boolean;
  readonly #untidy: boolean;
  readonly #places: GeneratedYaml['places'] = [];
  #anchors: { name: string; value: Value }[] = [];
  readonly #made: Value[] = [];
  #names = 0;
  readonly #anchored: (string | number)[][] = [];
  /** The line above is of a block scalar: deeper comments would be part of it; of one that keeps its end, blank lines too. */
  #open = false;
  #kept = false;

  constructor(seed: number) {
    this.#dice = new Chance(seed);
    this.#step = this.#dice.of([2, 2, 2, 3, 4]);
    this.#dash = this.#dice.of([0, 2, this.#step]);
    this.#spaced = this.#dice.once(4);
    this.#untidy = !this.#dice.once(3);
  }

  file(): GeneratedYaml {
    const dice = this.#dice;
    const count = dice.once(5) ? 2 : 1;
    const lines: string[] = [];
    const data: Value[] = [];
    for (let index = 0; index < count; index += 1) {
      this.#anchors = [];
      if (index > 0 || dice.once(6)) lines.push(dice.once(3) ? `--- ${dice.of(COMMENTS)}` : '---');
      if (dice.once(5)) lines.push(dice.of(COMMENTS), '');
      const value = dice.once(5) ? this.#list(1) : this.#map(1);
      lines.push(...this.#block(value, 0, count > 1 ? [index] : [], true));
      data.push(value);
      if (dice.once(6) && !this.#kept) lines.push('', dice.of(COMMENTS));
      if (dice.once(8)) lines.push('...');
    }
    const ending = dice.once(4) ? '\r\n' : '\n';
    const last = dice.once(4) && !this.#kept ? '' : ending;
    return {
      text: `${dice.once(8) ? '\uFEFF' : ''}${lines.join(ending)}${last}`,
      data,
      places: this.#places,
      anchored: this.#anchored,
    };
  }

  #value(depth: number): Value {
    const dice = this.#dice;
    // The same again: what an alias can stand for.
    if (this.#made.length > 0 && dice.once(10)) return dice.of(this.#made);
    const value = this.#fresh(depth);
    this.#made.push(value);
    return value;
  }

  #fresh(depth: number): Value {
    const dice = this.#dice;
    if (depth < 4 && dice.once(3)) return dice.once(2) ? this.#list(depth + 1) : this.#map(depth + 1);
    return dice.of<() => Value>([
      () => dice.of(PLAIN),
      () => dice.of(PLAIN_TOO),
      () => dice.of(QUOTED),
      () => dice.of(QUOTED_TOO),
      () => dice.of(LONG),
      () => dice.of([0, 1, -7, 42, 3.14, 1e21]),
      () => dice.of([true, false, null]),
    ])();
  }

  #list(depth: number): Value[] {
    return Array.from({ length: this.#dice.of([0, 1, 2, 3, 4, 5]) }, () => this.#value(depth));
  }

  #map(depth: number): Record<string, Value> {
    const entries = Array.from({ length: this.#dice.of([0, 1, 2, 3, 4]) + (depth === 1 ? 2 : 0) }, () => {
      return [this.#dice.of(KEYS), this.#value(depth)] as const;
    });
    return Object.fromEntries(entries);
  }

  /** A filled collection in block style, or anything else on one line. */
  #block(value: Value, column: number, path: (string | number)[], free: boolean): string[] {
    if (!isFilled(value)) return [`${' '.repeat(column)}${this.#inline(value, path, free)}`];
    if (free) this.#places.push({ path, flow: false });
    const isList = Array.isArray(value);
    const lines: string[] = [];
    for (const [index, [key, item]] of Object.entries(value).entries()) {
      if (index > 0) lines.push(...this.#between(column));
      if (this.#comments()) lines.push(`${' '.repeat(column)}${this.#dice.of(COMMENTS)}`);
      const part = isList ? Number(key) : key;
      lines.push(...this.#entry(isList ? '-' : this.#key(key, false), item, column, [...path, part], free, isList));
      const below = !this.#open && this.#untidy && this.#dice.once(12);
      if (below) lines.push(`${' '.repeat(column + 1 + this.#dice.below(3))}${this.#dice.of(COMMENTS)}`);
    }
    return lines;
  }

  #between(column: number): string[] {
    if (this.#kept) return [];
    if (this.#spaced) return [''];
    if (!this.#untidy || !this.#dice.once(6)) return [];
    return this.#dice.once(2) ? [''] : ['', `${' '.repeat(column)}${this.#dice.of(COMMENTS)}`, ''];
  }

  #comments(): boolean {
    return this.#untidy && !this.#kept && this.#dice.once(5);
  }

  #entry(
    head: string,
    value: Value,
    column: number,
    path: (string | number)[],
    free: boolean,
    isList: boolean,
  ): string[] {
    const dice = this.#dice;
    const margin = ' '.repeat(column);
    const mark = isList ? '-' : `${head}${dice.once(10) ? ' ' : ''}:`;
    // What is empty grows below its key, and shrinks to the usual place: only there the way back is the same text.
    const empty = value !== null && typeof value === 'object' && !isFilled(value);
    const gap = ' '.repeat(dice.once(8) && !empty ? 3 : 1);
    const comment = dice.once(5) ? ` ${' '.repeat(dice.below(3))}${dice.of(COMMENTS)}` : '';
    this.#open = empty;
    this.#kept = false;
    const alias = this.#anchors.find((one) => JSON.stringify(one.value) === JSON.stringify(value));
    if (alias !== undefined && dice.once(2)) return [`${margin}${mark}${gap}*${alias.name}${comment}`];
    const named = dice.once(6);
    if (named) this.#names += 1;
    const name = named ? `a${this.#names}` : undefined;
    const anchor = name === undefined ? '' : `${gap}&${name}`;
    const own = free && name === undefined;
    let lines: string[];
    if (typeof value === 'string' && value.includes('\n') && dice.once(2)) {
      lines = this.#scalarLines(value, { margin, before: `${mark}${anchor}${gap}`, comment });
    } else if (isFilled(value) && !dice.once(3)) {
      lines = this.#nested(value, { column, mark, anchor, gap, comment, path, own, isList });
    } else if (isFilled(value) && dice.once(3)) {
      lines = this.#flowLines(value, { margin, before: `${mark}${anchor}${gap}`, comment, path, own });
    } else {
      const written = value === null && dice.once(2) ? '' : `${gap}${this.#inline(value, path, own)}`;
      lines = [`${margin}${mark}${anchor}${written}${comment}`];
    }
    if (name !== undefined) {
      this.#anchors.push({ name, value });
      this.#anchored.push(path);
    }
    return lines;
  }

  #nested(
    value: object & Value,
    at: {
      column: number;
      mark: string;
      anchor: string;
      gap: string;
      comment: string;
      path: (string | number)[];
      own: boolean;
      isList: boolean;
    },
  ): string[] {
    const margin = ' '.repeat(at.column);
    const dash = Array.isArray(value) && !at.isList;
    if (at.isList && at.anchor === '' && this.#dice.below(4) > 0) {
      const column = at.column + 1 + at.gap.length;
      const inner = this.#block(value, column, at.path, at.own);
      const [first = ''] = inner;
      return first.trimStart().startsWith('#')
        ? [`${margin}-`, ...inner]
        : [`${margin}-${at.gap}${first.trimStart()}`, ...inner.slice(1)];
    }
    const column = at.column + (dash ? this.#dash : this.#step);
    return [`${margin}${at.mark}${at.anchor}${at.comment}`, ...this.#block(value, column, at.path, at.own)];
  }

  #scalarLines(text: string, at: { margin: string; before: string; comment: string }): string[] {
    const dice = this.#dice;
    const width = 1 + dice.below(4);
    const lines = text.replace(/\n$/, '').split('\n');
    const simple = lines.every((line) => line !== '' && !line.startsWith(' '));
    const folded = simple && dice.once(3);
    const chomp = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-';
    const indicator = text.startsWith(' ') || dice.once(4) ? String(width) : '';
    this.#open = true;
    this.#kept = chomp === '+';
    const pad = at.margin + ' '.repeat(width);
    const body = (folded ? lines.flatMap((line, index) => (index === 0 ? [line] : ['', line])) : lines).map((line) =>
      line === '' ? '' : `${pad}${line}`,
    );
    return [`${at.margin}${at.before}${folded ? '>' : '|'}${indicator}${chomp}${at.comment}`, ...body];
  }

  #flowLines(
    value: object & Value,
    at: { margin: string; before: string; comment: string; path: (string | number)[]; own: boolean },
  ): string[] {
    if (at.own) this.#places.push({ path: at.path, flow: true });
    const isList = Array.isArray(value);
    const [open, close] = isList ? '[]' : '{}';
    const pad = `${at.margin}${' '.repeat(this.#step)}`;
    const entries = Object.entries(value);
    const closed = this.#dice.once(2);
    const lines = entries.flatMap(([key, item], index) => {
      const path = [...at.path, isList ? Number(key) : key];
      const text = isList
        ? this.#flow(item, path, at.own)
        : `${this.#key(key, true)}: ${this.#flow(item, path, at.own)}`;
      const comma = index < entries.length - 1 || closed ? ',' : '';
      const comment = this.#dice.once(4) ? ` ${this.#dice.of(COMMENTS)}` : '';
      const above = this.#untidy && this.#dice.once(6) ? [`${pad}${this.#dice.of(COMMENTS)}`] : [];
      return [...above, `${pad}${text}${comma}${comment}`];
    });
    return [`${at.margin}${at.before}${open}`, ...lines, `${at.margin} ${close}${at.comment}`];
  }

  #inline(value: Value, path: (string | number)[], free: boolean): string {
    if (value !== null && typeof value === 'object') return this.#flow(value, path, free);
    if (typeof value !== 'string') return String(value);
    const plain = PLAIN.includes(value) || PLAIN_TOO.includes(value);
    return plain && this.#dice.below(3) > 0 ? value : this.#quoted(value);
  }

  #flow(value: Value, path: (string | number)[], free: boolean): string {
    const dice = this.#dice;
    if (value === null || typeof value !== 'object') {
      const safe =
        typeof value !== 'string' || (PLAIN.includes(value) && !value.includes('{')) || PLAIN_TOO.includes(value);
      if (!safe || (typeof value === 'string' && /^[-?]|[,[\]{}]/.test(value))) return this.#quoted(String(value));
      return typeof value === 'string' && dice.once(3) ? this.#quoted(value) : String(value);
    }
    if (free) this.#places.push({ path, flow: true });
    const pad = dice.once(2) && Object.keys(value).length > 0 ? ' ' : '';
    const separator = dice.of([', ', ', ', ',  ']);
    if (Array.isArray(value)) {
      const items = value.map((item, index) => this.#flow(item, [...path, index], free));
      return `[${pad}${items.join(separator)}${pad}]`;
    }
    const pairs = Object.entries(value).map(
      ([key, item]) => `${this.#key(key, true)}: ${this.#flow(item, [...path, key], free)}`,
    );
    return `{${pad}${pairs.join(separator)}${pad}}`;
  }

  #key(key: string, flow: boolean): string {
    return this.#dice.once(5) ? this.#quoted(key) : flow && key.includes(',') ? this.#quoted(key) : key;
  }

  #quoted(text: string): string {
    const double = /[\n\t]/.test(text) || this.#dice.once(2);
    return double ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`;
  }
}

function isFilled(value: Value): value is object & Value {
  return value !== null && typeof value === 'object' && Object.keys(value).length > 0;
}
