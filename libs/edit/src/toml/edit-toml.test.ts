import { describe, expect, test } from 'vitest';
import { randomFrom } from '../data/random.fixture.ts';
import { repositoryFiles } from '../data/repository-files.fixture.ts';
import { choose } from '../json/odd-json.fixture.ts';
import type { DataEdit, Value } from '../operations.ts';
import { applySplices } from '../splice.ts';
import { editToml } from './edit-toml.ts';
import { oddToml } from './odd-toml.fixture.ts';
import { parseToml } from './parse-toml.ts';

function edit(bytes: Uint8Array | string, ...ops: DataEdit[]): string {
  const original = Buffer.from(bytes as Uint8Array);
  return applySplices(original, editToml(original, { ops }).splices).toString();
}

function dataOf(text: string): unknown {
  return JSON.parse(JSON.stringify(parseToml(text).data));
}

describe('TOML with odd formatting', () => {
  const files = Array.from({ length: 400 }, (_, seed) => ({ seed, file: oddToml(seed + 11) }));

  test('reads as what was written', () => {
    for (const { seed, file } of files) expect({ seed, data: dataOf(file.text) }).toEqual({ seed, data: file.data });
  });

  test('an edit to what is there changes no byte', () => {
    for (const { seed, file } of files) {
      const ops: DataEdit[] = [
        { at: [], set: file.data },
        ...file.scalars.map(({ path, value }) => ({ at: path, set: value })),
        ...[...file.lists, ...file.arrays].map(({ path, items }) => ({ at: path, add: items })),
        ...file.lists.map(({ path }) => ({ at: path, remove: ['never there'] })),
      ];
      expect({ seed, splices: editToml(Buffer.from(file.text), { ops }).splices }).toEqual({ seed, splices: [] });
    }
  });

  test('an item that is added and removed leaves the same bytes, and the comments stay meanwhile', () => {
    for (const { seed, file } of files) {
      const random = randomFrom(seed);
      const list = choose(file.lists, random);
      if (list === undefined) continue;
      const value: Value = random.pick<Value>(['fresh', 4242, { fresh: ['a'] }, ['x', 1]]);
      const added = edit(file.text, { at: list.path, add: [value], position: random.pick(['start', 'end'] as const) });
      for (const comment of file.comments) expect(added).toContain(comment);
      expect({ seed, text: edit(added, { at: list.path, remove: [value] }) }).toEqual({ seed, text: file.text });
    }
  });

  test('a table that is added to an array of tables and removed leaves the same bytes', () => {
    for (const { seed, file } of files) {
      const random = randomFrom(seed);
      const list = choose(file.arrays, random);
      if (list === undefined) continue;
      const value: Value = { fresh: 'x', list: [1, 2] };
      const added = edit(file.text, { at: list.path, add: [value], position: random.pick(['start', 'end'] as const) });
      expect(added).toContain('fresh');
      expect({ seed, text: edit(added, { at: list.path, remove: [value] }) }).toEqual({ seed, text: file.text });
    }
  });

  test('a key that is set and deleted leaves the same bytes', () => {
    let checked = 0;
    for (const { seed, file } of files) {
      const path = choose(file.tables, randomFrom(seed));
      if (path === undefined) continue;
      const set = edit(file.text, { at: [...path, 'fresh key'], set: ['x', 1] });
      expect(set).toContain('fresh key');
      const gone = edit(set, { at: [...path, 'fresh key'], delete: true });
      // A table that was only implied gets a section for the key, and keeps it empty.
      const header = /^\[[^\].]+\]\r?\n"fresh key"/m.test(set) && !/^\[[^\].]+\]\r?\n"fresh key"/m.test(file.text);
      const headers = (text: string) => text.match(/^\ufeff?\[/gm)?.length ?? 0;
      const implied = header && headers(set) > headers(file.text);
      if (implied) expect(dataOf(gone)).toEqual(file.data);
      else expect({ seed, path, text: gone }).toEqual({ seed, path, text: file.text });
      checked += implied ? 0 : 1;
    }
    expect(checked).toBeGreaterThan(330);
  });

  test('a value that is set and set back leaves the same bytes', () => {
    for (const { seed, file } of files) {
      const scalar = choose(file.scalars, randomFrom(seed));
      if (scalar === undefined) continue;
      const other = typeof scalar.value === 'string' ? 'other ü' : typeof scalar.value === 'number' ? 77.5 : false;
      const changed = edit(file.text, { at: scalar.path, set: other });
      expect(changed).not.toBe(file.text);
      const back = edit(changed, { at: scalar.path, set: scalar.value });
      if (!String(scalar.value).includes("'") && !Number.isInteger(scalar.value)) {
        expect({ seed, text: back }).toEqual({ seed, text: file.text });
      } else expect(dataOf(back)).toEqual(file.data);
    }
  });

  test('a table that is deleted is gone, and all else holds what it held', () => {
    for (const { seed, file } of files) {
      const name = choose(Object.keys(file.data), randomFrom(seed));
      if (name === undefined) continue;
      const { [name]: _, ...rest } = file.data;
      expect({ seed, data: dataOf(edit(file.text, { at: [name], delete: true })) }).toEqual({ seed, data: rest });
    }
  });
});

test('every TOML file of this repository keeps its bytes when a key is set and deleted', () => {
  for (const { path, bytes } of repositoryFiles('.toml')) {
    const set = edit(bytes, { at: ['fresh key'], set: 'x' });
    expect({ path, text: edit(set, { at: ['fresh key'], delete: true }) }).toEqual({ path, text: bytes.toString() });
  }
});
