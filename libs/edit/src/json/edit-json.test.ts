import { describe, expect, test } from 'vitest';
import { randomFrom } from '../data/random.fixture.ts';
import { repositoryFiles } from '../data/repository-files.fixture.ts';
import type { DataEdit, Position, Value } from '../operations.ts';
import { applySplices } from '../splice.ts';
import { editJson } from './edit-json.ts';
import { choose, oddJson } from './odd-json.fixture.ts';
import { type JsonFormat, parseJson } from './parse-json.ts';

const FILES = 400;

function edit(bytes: Uint8Array, format: JsonFormat, ...ops: DataEdit[]): Buffer {
  return applySplices(bytes, editJson(bytes, { format, ops }).splices);
}

function dataOf(bytes: Uint8Array, format: JsonFormat): unknown {
  return JSON.parse(JSON.stringify(parseJson(Buffer.from(bytes).toString(), format).data));
}

describe.each(['json', 'jsonc', 'json5'] as const)('%s with odd formatting', (format) => {
  const files = Array.from({ length: FILES }, (_, seed) => ({ seed, file: oddJson(seed * 7 + format.length, format) }));

  test('reads as what was written', () => {
    for (const { seed, file } of files) {
      expect({ seed, data: dataOf(Buffer.from(file.text), format) }).toEqual({ seed, data: file.data });
    }
  });

  test('an edit to what is there changes no byte', () => {
    for (const { file } of files) {
      const bytes = Buffer.from(file.text);
      const ops: DataEdit[] = [
        { at: [], set: file.data },
        ...file.scalars.map(({ path, value }) => ({ at: path, set: value })),
        ...file.lists.map(({ path, items }) => ({ at: path, add: items })),
        ...file.lists.map(({ path }) => ({ at: path, remove: ['never there'] })),
      ];
      expect(editJson(bytes, { format, ops }).splices).toEqual([]);
    }
  });

  test('an item that is added and removed leaves the same bytes, and the comments stay meanwhile', () => {
    for (const { seed, file } of files) {
      const random = randomFrom(seed);
      const list = choose(file.lists, random);
      if (list === undefined) continue;
      const anchor = choose(list.items, random);
      const unique = list.items.filter((item) => JSON.stringify(item) === JSON.stringify(anchor)).length === 1;
      const position =
        anchor === undefined || !unique
          ? random.pick<Position>(['start', 'end'])
          : random.pick<Position>(['start', 'end', { before: anchor }, { after: anchor }]);
      const value: Value = random.pick<Value>(['fresh', 4242, { fresh: ['a', 'b'] }, ['fresh', { deep: null }]]);
      const bytes = Buffer.from(file.text);
      const added = edit(bytes, format, { at: list.path, add: [value], position });
      for (const comment of file.comments) expect(added.includes(comment)).toBe(true);
      const back = edit(added, format, { at: list.path, remove: [value] });
      expect({ seed, text: back.toString() }).toEqual({ seed, text: file.text });
    }
  });

  test('a key that is set and deleted leaves the same bytes', () => {
    for (const { seed, file } of files) {
      const path = choose(file.objects, randomFrom(seed));
      if (path === undefined) continue;
      const bytes = Buffer.from(file.text);
      const set = edit(bytes, format, { at: [...path, 'fresh'], set: { a: [1, 'x'], b: {} } });
      expect(set.toString()).not.toBe(file.text);
      expect(edit(set, format, { at: [...path, 'fresh'], delete: true }).toString()).toBe(file.text);
    }
  });

  test('a value that is set and set back leaves the same bytes', () => {
    for (const { seed, file } of files) {
      const scalar = choose(file.scalars, randomFrom(seed));
      if (scalar === undefined) continue;
      const other =
        typeof scalar.value === 'string' ? 'other \'"\\ ü' : typeof scalar.value === 'number' ? 77.5 : 'word';
      const bytes = Buffer.from(file.text);
      const changed = edit(bytes, format, { at: scalar.path, set: other });
      const back = edit(changed, format, { at: scalar.path, set: scalar.value });
      expect({ seed, text: back.toString() }).toEqual({ seed, text: file.text });
    }
  });

  test('after a removal the data is what was meant, and nothing else was touched', () => {
    for (const { seed, file } of files) {
      const random = randomFrom(seed);
      const list = choose(
        file.lists.filter(({ items }) => items.length > 0),
        random,
      );
      const value = list === undefined ? undefined : choose(list.items, random);
      if (list === undefined || value === undefined) continue;
      const removed = edit(Buffer.from(file.text), format, { at: list.path, remove: [value] });
      const expected = list.items.filter((item) => JSON.stringify(item) !== JSON.stringify(value));
      const now = list.path.reduce<unknown>((node, part) => Object(node)[part], dataOf(removed, format));
      expect({ seed, now }).toEqual({ seed, now: expected });
      expect(removed.toString().startsWith('\ufeff')).toBe(file.text.startsWith('\ufeff'));
      expect(removed.toString().endsWith('\n')).toBe(file.text.endsWith('\n'));
    }
  });
});

test('every JSON file of this repository keeps its bytes when a key is set and deleted', () => {
  const files = repositoryFiles('.json', '.jsonc', '.json5').filter(({ bytes }) => bytes.length < 300_000);
  expect(files.length).toBeGreaterThan(20);
  for (const { path, bytes } of files) {
    const { data } = parseJson(bytes.toString(), 'jsonc');
    if (typeof data !== 'object' || data === null || Array.isArray(data)) continue;
    const set = applySplices(bytes, editJson(bytes, { ops: [{ at: ['fresh key'], set: ['x'] }] }, path).splices);
    expect(set.equals(bytes)).toBe(false);
    const back = applySplices(set, editJson(set, { ops: [{ at: ['fresh key'], delete: true }] }, path).splices);
    expect({ path, same: back.equals(bytes) }).toEqual({ path, same: true });
  }
});
