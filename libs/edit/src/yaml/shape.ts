import { isDeepStrictEqual } from 'node:util';
import type { Value } from '../operations.ts';
import type { YamlEntry, YamlNode } from './yaml-tree.ts';

/** What a node means, with anchors, tags, aliases (unresolved) and the order and repetition of keys; without places and style. */
export interface Shape {
  kind: YamlNode['kind'];
  anchor?: string;
  tag?: string;
  value?: unknown;
  entries: { key?: Shape; value: Shape }[];
}

/** The meaning of a node. */
export function shapeOf({ kind, anchor, tag, value, entries }: YamlNode): Shape {
  return {
    kind,
    ...(anchor === undefined ? {} : { anchor }),
    ...(tag === undefined ? {} : { tag }),
    ...(value === undefined ? {} : { value }),
    entries: entries.map((entry) => entryShape(entry)),
  };
}

/** The meaning of an item or a pair. */
export function entryShape({ key, value }: YamlEntry): Shape['entries'][number] {
  return { ...(key === undefined ? {} : { key: shapeOf(key) }), value: shapeOf(value) };
}

/** The meaning that a value has once it is written. */
export function valueShape(value: Value): Shape {
  if (isList(value)) return { kind: 'seq', entries: value.map((item) => ({ value: valueShape(item) })) };
  if (value === null || typeof value !== 'object') return { kind: 'scalar', value, entries: [] };
  return { kind: 'map', entries: Object.entries(value).map(([key, item]) => pairShape(key, item)) };
}

/** The meaning of a key with a value. */
export function pairShape(key: string, value: Value): Shape['entries'][number] {
  return { key: valueShape(key), value: valueShape(value) };
}

/** The same shape with the node at `indexes` replaced. */
export function withShapeAt(shape: Shape, indexes: readonly number[], change: (shape: Shape) => Shape): Shape {
  const [first, ...rest] = indexes;
  if (first === undefined) return change(shape);
  const entries = shape.entries.map((entry, index) =>
    index === first ? { ...entry, value: withShapeAt(entry.value, rest, change) } : entry,
  );
  return { ...shape, entries };
}

/** Whether two shapes are the same in everything. */
export function sameShape(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}

/** Whether a node's data is this value; aliases count as what they stand for, the order of keys does not count. */
export function hasValue(node: YamlNode, value: Value): boolean {
  if (node.kind === 'alias') return node.target !== undefined && hasValue(node.target, value);
  if (node.kind === 'scalar') return Object.is(node.value, value);
  if (node.kind === 'seq') {
    if (!isList(value) || value.length !== node.entries.length) return false;
    return node.entries.every((entry, index) => hasValue(entry.value, value[index] ?? null));
  }
  if (value === null || typeof value !== 'object' || isList(value)) return false;
  const keys = Object.keys(value);
  if (keys.length !== node.entries.length) return false;
  return keys.every((key) => {
    const found = node.entries.filter((entry) => hasKey(entry, key));
    return found[0] !== undefined && found.length === 1 && hasValue(found[0].value, value[key] ?? null);
  });
}

/** Whether an entry's key is this text; a key that is no text counts by the way JavaScript writes it. */
export function hasKey({ key }: YamlEntry, name: string): boolean {
  return key !== undefined && key.kind === 'scalar' && String(key.value) === name;
}

/** Whether a value is a list. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
