import { BatonError } from '@baton/kernel';
import type { Value, YamlMapOperation } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { expectKind, growCollection } from './grow.ts';
import { findKey, findPlace, nodeAt, noMatch, type Place, placeInside, placeName } from './place.ts';
import { printText } from './print-scalar.ts';
import { pairLines, printPair } from './print-value.ts';
import { removeEntries } from './remove-entries.ts';
import { runSteps, type Step } from './run-steps.ts';
import { setShape, setValue } from './set-value.ts';
import { hasValue, pairShape, valueShape } from './shape.ts';
import { handOf } from './style.ts';
import { readYaml, type YamlFile } from './yaml-text.ts';
import type { YamlNode } from './yaml-tree.ts';

/**
 * Sets, deletes and renames keys of one mapping by splices. Keys are meant literally: `a.b` is one key. New keys stand at the end in the
 * order of `set`. A key's comments go with it when it is deleted; the last key leaves `{}`. A key that has the value, or is renamed
 * already, counts as a match without splices; a key to delete that is not there only when everything else is done already.
 *
 * @throws BatonError `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS` (the key is there twice), `EDIT_INVALID` (keys that contradict, no mapping, not
 * YAML), `EDIT_REFUSED`, `EDIT_UNVERIFIED`
 */
export function editYamlMap(bytes: Uint8Array, operation: YamlMapOperation): Edit {
  const set = Object.entries(operation.set ?? {});
  const deleted = operation.delete ?? [];
  const renamed = Object.entries(operation['rename-key'] ?? {});
  const matches = set.length + deleted.length + renamed.length;
  if (matches === 0) throw new BatonError('EDIT_INVALID', 'expected set, delete or rename-key, found none of them');
  const file = readYaml(bytes);
  const place = findPlace(file, operation.at);
  const { node } = nodeAt(file, place);
  expectKind(file, node, 'map', operation.at);
  const has = (key: string): boolean => findKey(file, node, key, place.path) !== -1;
  refuseContradictions([...set.map(([key]) => key), ...deleted, ...renamed.map(([key]) => key)]);
  const gone = new Set([...deleted, ...renamed.map(([key]) => key)]);
  for (const [from, to] of renamed) {
    if (!has(from) && !has(to)) throw missingKey(node, from, place);
    const taken = has(from) && ((has(to) && !gone.has(to)) || set.some(([key]) => key === to));
    if (taken || renamed.filter(([, name]) => name === to).length > 1) {
      throw new BatonError('EDIT_INVALID', `${placeName(place.path)} would have the key ${JSON.stringify(to)} twice`);
    }
  }
  const absent = deleted.filter((key) => !has(key));
  const renames = renamed.filter(([from]) => has(from));
  const sets = set.filter(([key, value]) => {
    const entry = node.entries[findKey(file, node, key, place.path)];
    return entry === undefined || !hasValue(entry.value, value);
  });
  const idle = sets.length === 0 && renames.length === 0 && absent.length === deleted.length;
  if (absent[0] !== undefined && (!idle || set.length + renamed.length === 0)) throw missingKey(node, absent[0], place);
  if (idle) return { splices: [], matches };
  const splices = runSteps(file, [
    ...(sets.length === 0 ? [] : [setStep(place, sets)]),
    ...(deleted.length === 0 ? [] : [deleteStep(place, deleted, operation['keep-comment'] === true)]),
    ...(renames.length === 0 ? [] : [renameStep(place, renames)]),
  ]);
  return { splices, matches };
}

/** Gives keys of the mapping at a place their values; those that are not there yet are added at its end. */
export function setStep(place: Place, set: readonly (readonly [string, Value])[]): (file: YamlFile) => Step {
  return (file) => {
    const found = nodeAt(file, place);
    const { node } = found;
    const hand = handOf(file);
    const places = set.map(([key, value]) => ({ key, value, index: findKey(file, node, key, place.path) }));
    const added = places.filter(({ index }) => index === -1);
    const known = places.filter(({ index }) => index !== -1);
    const edits = known.flatMap(({ key, value, index }) =>
      setValue(file.text, nodeAt(file, placeInside(place, index, key)), value, hand),
    );
    const entries = added.map(({ key, value }) => ({
      lines: pairLines(key, value, { hand }),
      flow: printPair(key, value, { hand, flow: true }),
    }));
    const gap = { after: node.entries.length - 1 };
    const grown = entries.length === 0 ? [] : growCollection(file, found, { kind: 'map', gap, entries, hand });
    return {
      edits: [...edits, ...grown],
      place,
      change: (shape) => ({
        ...(shape.kind === 'map' ? shape : { ...valueShape({}), ...(shape.anchor ? { anchor: shape.anchor } : {}) }),
        entries: [
          ...shape.entries.map((entry, index) => {
            const to = known.find((one) => one.index === index);
            const value = node.entries[index]?.value;
            return to === undefined || value === undefined
              ? entry
              : { ...entry, value: setShape(value, to.value)(entry.value) };
          }),
          ...added.map(({ key, value }) => pairShape(key, value)),
        ],
      }),
    };
  };
}

function deleteStep(place: Place, keys: readonly string[], keepComment: boolean): (file: YamlFile) => Step {
  return (file) => {
    const { node } = nodeAt(file, place);
    return removalStep(file, place, new Set(keys.map((key) => findKey(file, node, key, place.path))), keepComment);
  };
}

/** Takes entries out of the collection at a place. */
export function removalStep(file: YamlFile, place: Place, indexes: ReadonlySet<number>, keepComment: boolean): Step {
  return {
    edits: removeEntries(file.text, nodeAt(file, place).node, indexes, keepComment),
    place,
    change: (shape) => ({ ...shape, entries: shape.entries.filter((_, index) => !indexes.has(index)) }),
  };
}

function renameStep(place: Place, renamed: readonly (readonly [string, string])[]): (file: YamlFile) => Step {
  return (file) => {
    const { node } = nodeAt(file, place);
    const { quote } = handOf(file);
    const names = new Map(renamed.map(([from, to]) => [findKey(file, node, from, place.path), to]));
    const edits = [...names].flatMap(([index, to]) => {
      const key = node.entries[index]?.key;
      if (key === undefined) return [];
      const wanted = key.style === 'single' || key.style === 'double' ? key.style : 'plain';
      const text = printText(to, wanted, { flow: node.style === 'flow', key: true, quote });
      return [{ start: key.content, end: key.end, text }];
    });
    return {
      edits,
      place,
      change: (shape) => ({
        ...shape,
        entries: shape.entries.map((entry, index) => {
          const to = names.get(index);
          return to === undefined || entry.key === undefined ? entry : { ...entry, key: { ...entry.key, value: to } };
        }),
      }),
    };
  };
}

function refuseContradictions(keys: readonly string[]): void {
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice === undefined) return;
  throw new BatonError('EDIT_INVALID', `the operation names the key ${JSON.stringify(twice)} twice`, {
    hint: 'A key is set, deleted or renamed, not two of these.',
  });
}

function missingKey(node: YamlNode, key: string, { path }: Place): BatonError {
  const keys = node.entries.slice(0, 12).map((entry) => String(entry.key?.value));
  const hint = keys.length === 0 ? 'It has no keys.' : `Its keys: ${keys.join(', ')}.`;
  return noMatch(`${placeName(path)} has no key ${JSON.stringify(key)}`, hint);
}
