import { BatonError } from '@baton/kernel';
import type { Position, YamlCarryOperation } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { carriedEntry } from './carried.ts';
import { entryAt, extentOf } from './extent.ts';
import { expectKind, growCollection, isNothing } from './grow.ts';
import type { Gap, NewEntry } from './insert-entries.ts';
import { columnOf } from './lines.ts';
import { findKey, findPlace, nodeAt, noMatch, type Place, placeName } from './place.ts';
import { shift } from './print-value.ts';
import { runSteps, type Step } from './run-steps.ts';
import { entryShape, hasKey, hasValue, type Shape, sameShape, valueShape } from './shape.ts';
import { endingAt, handOf } from './style.ts';
import type { TextEdit } from './text-edits.ts';
import { readYaml, type YamlFile } from './yaml-text.ts';
import type { YamlEntry, YamlNode } from './yaml-tree.ts';

type EntryShape = Shape['entries'][number];

/**
 * Copies a node of another file: its text and its comments verbatim, moved to the indentation of the place where it goes. A mapping gets
 * it under its own key or `key`, a sequence as an item. What is there already with the same data counts as a match without splices; a key
 * that has other data is an error unless `at` says `replace`.
 *
 * @param source the file that the node is copied from
 * @throws BatonError `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS`, `EDIT_REFUSED`, `EDIT_UNVERIFIED`, `EDIT_INVALID` (the node names an anchor that is
 * outside of it, or brings one that the file has)
 */
export function editYamlCarry(bytes: Uint8Array, source: Uint8Array, operation: YamlCarryOperation): Edit {
  const from = readYaml(source);
  const origin = findPlace(from, operation.node);
  const { holder } = nodeAt(from, origin);
  if (holder === undefined) {
    throw new BatonError('EDIT_INVALID', 'expected the path of a key or an item in the source, found its root');
  }
  const file = readYaml(bytes);
  const place = findPlace(file, operation.to);
  const { node } = nodeAt(file, place);
  const asPair = node.kind === 'map' || (isNothing(node) && (operation.key ?? holder.entry.key) !== undefined);
  expectKind(file, node, asPair ? 'map' : 'seq', operation.to);
  const key = asPair ? (operation.key ?? ownKey(holder.entry, origin)) : undefined;
  if (!asPair && operation.key !== undefined) {
    throw new BatonError('EDIT_INVALID', `${placeName(place.path)} is a list: an item has no key`);
  }
  refuseForeignAnchors(holder.entry, file);
  const { value } = entryShape(holder.entry);
  const shape: EntryShape = key === undefined ? { value } : { key: carriedKey(holder.entry, key), value };
  const entry = carriedEntry({ text: from.text, ...holder }, key, handOf(file));
  const index = key === undefined ? itemIndex(node, shape) : findKey(file, node, key, place.path);
  if (operation.at === 'replace') {
    if (key === undefined)
      throw new BatonError('EDIT_INVALID', 'replace is for keys of a mapping, not for items of a list');
    if (index === -1) throw noMatch(`${placeName(place.path)} has no key ${JSON.stringify(key)} to replace`);
    return { splices: runSteps(file, [replaceStep(place, index, entry, shape)]), matches: 1 };
  }
  if (index !== -1) {
    if (sameShape(entryShape(entryAt(node, index)).value, value)) return { splices: [], matches: 1 };
    throw new BatonError(
      'EDIT_INVALID',
      `${placeName(place.path)} has the key ${JSON.stringify(key)} already, with other data`,
      {
        hint: 'Say `at: replace` to put the carried node in its place.',
      },
    );
  }
  const gap = gapFor(node, operation.at ?? 'end', place);
  return { splices: runSteps(file, [addStep(place, gap, entry, shape)]), matches: 1 };
}

function addStep(place: Place, gap: Gap, entry: NewEntry, shape: EntryShape): (file: YamlFile) => Step {
  const at = 'before' in gap ? gap.before : gap.after + 1;
  const kind = shape.key === undefined ? 'seq' : 'map';
  return (file) => ({
    edits: growCollection(file, nodeAt(file, place), { kind, gap, entries: [entry], hand: handOf(file) }),
    place,
    change: ({ value: _, ...rest }) => ({ ...rest, kind, entries: rest.entries.toSpliced(at, 0, shape) }),
  });
}

function replaceStep(place: Place, index: number, entry: NewEntry, shape: EntryShape): (file: YamlFile) => Step {
  return (file) => ({
    edits: [replacement(file.text, nodeAt(file, place).node, index, entry)],
    place,
    change: (old) => ({ ...old, entries: old.entries.toSpliced(index, 1, shape) }),
  });
}

function replacement(text: string, collection: YamlNode, index: number, { lines, flow }: NewEntry): TextEdit {
  const { start, end } = entryAt(collection, index);
  if (collection.style === 'flow') {
    if (flow === undefined)
      throw new BatonError('EDIT_INVALID', 'the carried node does not fit into brackets or braces');
    return { start, end, text: flow };
  }
  const { lead, next, compact } = extentOf(text, collection, index);
  const ending = endingAt(text, lead);
  const closed = text[next - 1] === '\n';
  const written = `${shift(lines, columnOf(text, start)).join(ending)}${closed ? ending : ''}`;
  return { start: lead, end: next, text: compact ? written.trimStart() : written };
}

function gapFor({ entries }: YamlNode, position: Exclude<Position, never>, { path }: Place): Gap {
  if (position === 'end') return { after: entries.length - 1 };
  if (position === 'start') return { before: 0 };
  const wanted = 'before' in position ? position.before : position.after;
  const found = entries.flatMap((entry, index) => {
    const fits = entry.key === undefined ? hasValue(entry.value, wanted) : hasKey(entry, String(wanted));
    return fits ? [index] : [];
  });
  const [index, second] = found;
  if (index === undefined) throw noMatch(`${placeName(path)} has no ${JSON.stringify(wanted)} to put a node beside`);
  if (second !== undefined) {
    throw new BatonError('EDIT_AMBIGUOUS', `${placeName(path)} has ${JSON.stringify(wanted)} ${found.length} times`);
  }
  return 'before' in position ? { before: index } : { after: index };
}

function itemIndex({ entries }: YamlNode, shape: EntryShape): number {
  return entries.findIndex((entry) => sameShape(entryShape(entry).value, shape.value));
}

function carriedKey({ key }: YamlEntry, name: string): Shape {
  if (key === undefined || key.kind !== 'scalar' || String(key.value) !== name) return valueShape(name);
  return entryShape({ start: 0, end: 0, key, value: key }).key ?? valueShape(name);
}

function ownKey({ key }: YamlEntry, { path }: Place): string {
  if (key?.kind === 'scalar') return String(key.value);
  throw new BatonError('EDIT_INVALID', `${path} in the source is an item without a key: a mapping needs one`, {
    hint: 'Give the key in the operation.',
  });
}

function refuseForeignAnchors({ key, value }: YamlEntry, file: YamlFile): void {
  const inside = [...(key === undefined ? [] : nodesOf(key)), ...nodesOf(value)];
  const anchors = inside.flatMap(({ anchor }) => anchor ?? []);
  const foreign = inside.find(
    (node) => node.kind === 'alias' && (node.target === undefined || !inside.includes(node.target)),
  );
  if (foreign !== undefined) {
    throw new BatonError(
      'EDIT_INVALID',
      `the node to carry names the anchor &${foreign.value}, which is outside of it`,
      {
        hint: 'Carry the node that has the anchor, or write out what the alias stands for.',
      },
    );
  }
  const known = new Set(file.documents.flatMap(nodesOf).map(({ anchor }) => anchor));
  const taken = anchors.find((anchor) => known.has(anchor));
  if (taken !== undefined) {
    throw new BatonError('EDIT_INVALID', `the node to carry brings the anchor &${taken}, which the file has already`);
  }
}

function nodesOf(node: YamlNode): YamlNode[] {
  const inside = node.entries.flatMap(({ key, value }) => [
    ...(key === undefined ? [] : nodesOf(key)),
    ...nodesOf(value),
  ]);
  return [node, ...inside];
}
