import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Value } from '../operations.ts';
import { applySplices } from '../splice.ts';
import { editYamlList } from './edit-list.ts';
import { editYamlMap } from './edit-map.ts';
import { readYaml } from './yaml-text.ts';
import type { YamlNode } from './yaml-tree.ts';

type Path = readonly (string | number)[];

const ROOT = join(import.meta.dirname, '../../../..');
const SKIPPED = new Set(['node_modules', 'dist', '.nx', '.git', 'coverage']);

function yamlFiles(dir: string): string[] {
  return readdirSync(join(ROOT, dir), { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : yamlFiles(path);
    return entry.isFile() && /\.ya?ml$/.test(entry.name) ? [path] : [];
  });
}

function dataOf(node: YamlNode): Value {
  if (node.kind === 'seq') return node.entries.map(({ value }) => dataOf(value));
  if (node.kind === 'map') {
    return Object.fromEntries(node.entries.map(({ key, value }) => [String(key?.value), dataOf(value)]));
  }
  if (node.kind === 'alias') return node.target === undefined ? null : dataOf(node.target);
  return node.value as Value;
}

function collections(node: YamlNode, path: Path): { node: YamlNode; path: Path }[] {
  const inside = node.entries.flatMap(({ key, value }, index) =>
    collections(value, [...path, key === undefined ? index : String(key.value)]),
  );
  return node.kind === 'map' || node.kind === 'seq' ? [{ node, path }, ...inside] : inside;
}

it.each(yamlFiles(''))('%s: the same values give no splices, what is added can be removed', (file) => {
  const bytes = readFileSync(join(ROOT, file));
  const { documents } = readYaml(bytes);
  const found = documents.flatMap((root, index) => collections(root, documents.length > 1 ? [index] : []));
  // Every place takes the same values; a part of the places of a long file takes new ones.
  const step = Math.ceil(found.length / 20);
  for (const [index, { node, path: at }] of found.entries()) {
    const isMap = node.kind === 'map';
    const items = node.entries.map(({ value }) => ({ value: dataOf(value) }));
    if (items.length > 0) {
      const same = isMap
        ? editYamlMap(bytes, { at, set: Object(dataOf(node)) })
        : editYamlList(bytes, { at, add: items });
      expect(same.splices).toEqual([]);
    }
    if (index % step !== 0) continue;
    const edit = isMap
      ? editYamlMap(bytes, { at, set: { 'new-key': 'x' } })
      : editYamlList(bytes, { at, add: [{ value: 'new-item' }] });
    const added = applySplices(bytes, edit.splices);
    const undo = isMap
      ? editYamlMap(added, { at, delete: ['new-key'] })
      : editYamlList(added, { at, remove: ['new-item'] });
    expect(applySplices(added, undo.splices).equals(bytes), JSON.stringify(at)).toBe(true);
  }
});
