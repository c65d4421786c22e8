import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Position, Value } from '../operations.ts';
import { applySplices, type Edit, invertSplices } from '../splice.ts';
import { editYamlCarry } from './edit-carry.ts';
import { editYamlList } from './edit-list.ts';
import { editYamlMap } from './edit-map.ts';
import { failureOf } from './yaml-files.fixture.ts';
import { type GeneratedYaml, generateYaml } from './yaml-generator.fixture.ts';

type Path = readonly (string | number)[];

const files = Array.from({ length: 320 }, (_, index) => ({ seed: index + 1, ...generateYaml(index + 1) }));
const NEW: readonly Value[] = [
  'fresh',
  'needs: quotes',
  7,
  { k: 'v', l: [1, 'two'] },
  ['a', { b: null }],
  {},
  'two\nlines\n',
];

/** What another reader takes the text for. */
function read(text: string): unknown[] {
  return parseAllDocuments(text.replace('\uFEFF', ''), { logLevel: 'silent' }).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    return document.toJS();
  });
}

/** The index of the document, and the path in it. */
function split({ data }: GeneratedYaml, path: Path): [number, Path] {
  return data.length > 1 ? [Number(path[0]), path.slice(1)] : [0, path];
}

function valueAt(file: GeneratedYaml, path: Path): Value {
  const [index, rest] = split(file, path);
  return rest.reduce<Value>((value, part) => Object(value)[part] ?? null, file.data[index] ?? null);
}

/** The data with the value at a path replaced. */
function withValue(file: GeneratedYaml, path: Path, next: Value): unknown[] {
  const [index, rest] = split(file, path);
  const change = (value: Value, [first, ...others]: Path): Value => {
    if (first === undefined) return next;
    if (Array.isArray(value)) return value.map((item, at) => (at === first ? change(item, others) : item));
    const pairs = Object.entries(value ?? {});
    return Object.fromEntries(pairs.map(([key, item]) => [key, key === first ? change(item, others) : item]));
  };
  return file.data.map((value, at) => (at === index ? change(value, rest) : value));
}

/** Applies an edit, holds the result to the data, undoes it by its inverse splices. */
function check(text: string, edit: (bytes: Uint8Array) => Edit, expected: unknown[]): string {
  const bytes = Buffer.from(text);
  const { splices } = edit(bytes);
  const after = applySplices(bytes, splices);
  expect(read(after.toString()), after.toString()).toEqual(expected);
  expect(applySplices(after, invertSplices(bytes, splices)).equals(bytes)).toBe(true);
  return after.toString();
}

function indexesOfUnique(items: readonly Value[]): number[] {
  const texts = items.map((item) => JSON.stringify(item));
  return texts.flatMap((one, index) => (texts.indexOf(one) === texts.lastIndexOf(one) ? [index] : []));
}

function isNamed({ anchored }: GeneratedYaml, path: Path): boolean {
  return anchored.some((one) => path.every((part, index) => one[index] === part));
}

function checkList(file: GeneratedYaml, at: Path, items: readonly Value[], turn: number): void {
  const { text } = file;
  const unique = indexesOfUnique(items);
  const noOp = unique.map((index) => ({ from: items[index] ?? null, to: items[index] ?? null }));
  if (items.length > 0) {
    const operation = { at, replace: noOp, add: items.map((value) => ({ value })) };
    expect(editYamlList(Buffer.from(text), operation).splices).toEqual([]);
  }
  const fresh = NEW.filter((one) => !items.some((item) => JSON.stringify(item) === JSON.stringify(one)));
  const value = fresh[turn % fresh.length] ?? null;
  const [first] = unique;
  const places: [Position, number][] = [
    ['end', items.length],
    ['start', 0],
  ];
  if (first !== undefined) {
    places.push([{ after: items[first] ?? null }, first + 1], [{ before: items[first] ?? null }, first]);
  }
  const [position, index] = places[turn % places.length] ?? ['end', items.length];
  const longer = withValue(file, at, items.toSpliced(index, 0, value));
  const added = check(text, (bytes) => editYamlList(bytes, { at, add: [{ value, position }] }), longer);
  expect(check(added, (bytes) => editYamlList(bytes, { at, remove: [value] }), file.data)).toBe(text);
  for (const one of unique.filter((other) => !isNamed(file, [...at, other]))) {
    const item = items[one] ?? null;
    const shorter = withValue(file, at, items.toSpliced(one, 1));
    check(text, (bytes) => editYamlList(bytes, { at, remove: [item] }), shorter);
    const other = withValue(file, at, items.with(one, value));
    check(text, (bytes) => editYamlList(bytes, { at, replace: [{ from: item, to: value }] }), other);
  }
  if (items.length === 0 || isNamed(file, at)) return;
  check(text, (bytes) => editYamlList(bytes, { at, remove: items }), withValue(file, at, []));
}

function checkMap(file: GeneratedYaml, at: Path, pairs: Record<string, Value>, turn: number): void {
  const { text } = file;
  const value = NEW[turn % NEW.length] ?? null;
  if (Object.keys(pairs).length > 0) expect(editYamlMap(Buffer.from(text), { at, set: pairs }).splices).toEqual([]);
  const more = withValue(file, at, { ...pairs, 'new key': value });
  const added = check(text, (bytes) => editYamlMap(bytes, { at, set: { 'new key': value } }), more);
  expect(check(added, (bytes) => editYamlMap(bytes, { at, delete: ['new key'] }), file.data)).toBe(text);
  for (const key of Object.keys(pairs)) {
    const { [key]: _, ...rest } = pairs;
    if (!isNamed(file, [...at, key])) {
      check(text, (bytes) => editYamlMap(bytes, { at, delete: [key] }), withValue(file, at, rest));
      const next = withValue(file, at, { ...pairs, [key]: value });
      check(text, (bytes) => editYamlMap(bytes, { at, set: { [key]: value } }), next);
    }
    const renamed = Object.entries(pairs).map(([name, item]) => [name === key ? 'other' : name, item]);
    const rename = (from: string, to: string) => (bytes: Uint8Array) =>
      editYamlMap(bytes, { at, 'rename-key': { [from]: to } });
    const moved = check(text, rename(key, 'other'), withValue(file, at, Object.fromEntries(renamed)));
    expect(check(moved, rename('other', key), file.data)).toBe(text);
  }
  if (Object.keys(pairs).length === 0 || isNamed(file, at)) return;
  check(text, (bytes) => editYamlMap(bytes, { at, delete: Object.keys(pairs) }), withValue(file, at, {}));
}

/** Carries a node into a mapping and into a list of other files; whether it could be. */
function checkCarry(file: GeneratedYaml, node: Path): boolean {
  const source = Buffer.from(file.text);
  const value = valueAt(file, node);
  const asPair = 'a:\r\n    b: 1\r\nc: 2';
  const carry = (bytes: Uint8Array): Edit => editYamlCarry(bytes, source, { node, to: 'a', key: 'carried' });
  // A node may name anchors outside of it, and has no comments to lose in a file without any.
  if (failureOf(() => carry(Buffer.from(asPair))).includes('which is outside of it')) return false;
  check(asPair, carry, [{ a: { b: 1, carried: value }, c: 2 }]);
  check('- 1\n-   b: 2\n', (bytes) => editYamlCarry(bytes, source, { node, to: '' }), [[1, { b: 2 }, value]]);
  return true;
}

describe('generated files', () => {
  it('hold what the generator says, and enough of it', () => {
    for (const { seed, text, data } of files) expect(read(text), `seed ${seed}`).toEqual(data);
    expect(files.reduce((sum, { places }) => sum + places.length, 0)).toBeGreaterThan(1000);
    const has = (pattern: RegExp): number => files.filter(({ text }) => pattern.test(text)).length;
    for (const odd of [
      /\r\n/,
      /^\uFEFF/,
      /\n---/,
      /&a1/,
      /\*a\d/,
      /[|>]\d/,
      /\|\+/,
      /#\t/,
      /: \[\s*\n/,
      /[^\n]$/,
      /\[\]/,
    ]) {
      expect(has(odd), String(odd)).toBeGreaterThan(8);
    }
  });

  it.each(files)('seed $seed: lists and mappings take edits, give back the same bytes, and hold the data', (file) => {
    for (const [turn, { path }] of file.places.entries()) {
      const value = valueAt(file, path);
      if (Array.isArray(value)) checkList(file, path, value, file.seed + turn);
      else checkMap(file, path, Object(value), file.seed + turn);
    }
  });

  it('nodes can be carried', () => {
    const carried = files.flatMap((file) => {
      const inside = file.places.filter(({ path }) => split(file, path)[1].length > 0);
      return inside.map(({ path }) => checkCarry(file, path));
    });
    expect(carried.filter((done) => done).length).toBeGreaterThan(600);
  });
});
