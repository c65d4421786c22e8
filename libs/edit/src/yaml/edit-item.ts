import { BatonError } from '@baton/kernel';
import { parseNodePath, printNodePath } from '../node-path.ts';
import type { Value, YamlItemOperation } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { removalStep, setStep } from './edit-map.ts';
import { expectKind } from './grow.ts';
import { findKey, findPlace, nodeAt, noMatch, type Place, placeInside, placeName, refuseAlias } from './place.ts';
import { runSteps, type Step } from './run-steps.ts';
import { hasKey, hasValue } from './shape.ts';
import { lineAndColumn, readYaml, type YamlFile } from './yaml-text.ts';
import type { YamlNode } from './yaml-tree.ts';

/**
 * Edits or deletes exactly one mapping of a sequence, found by its fields. In `where` and `set` a field is a path (`with.name`, a key
 * with a dot in quotes); fields that come by an alias or a merge key are seen. Where `set` changes a field of `where`, an item that has
 * all new values already counts as a match without splices.
 *
 * @throws BatonError `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS` (several items fit), `EDIT_INVALID`, `EDIT_REFUSED`, `EDIT_UNVERIFIED`
 */
export function editYamlItem(bytes: Uint8Array, operation: YamlItemOperation): Edit {
  const { list, where, set = {} } = operation;
  const remove = operation.delete === true;
  if (remove === Object.keys(set).length > 0) {
    throw new BatonError('EDIT_INVALID', `expected either set or delete, found ${remove ? 'both' : 'none of them'}`);
  }
  if (Object.keys(where).length === 0) throw new BatonError('EDIT_INVALID', 'expected at least one field in where');
  const file = readYaml(bytes);
  const place = findPlace(file, list);
  const { node } = nodeAt(file, place);
  expectKind(file, node, 'seq', list);
  const found = itemsWith(node, where);
  const done = remove ? [] : itemsWith(node, { ...where, ...set });
  if (found.length === 0 && done.length === 1) return { splices: [], matches: 1 };
  const [index, second] = found;
  const wanted = JSON.stringify(where);
  if (index === undefined) {
    throw noMatch(
      `${placeName(place.path)} has no item with ${wanted}, it has ${node.entries.length} items`,
      fieldHint(node, where),
    );
  }
  if (second !== undefined) {
    const lines = found.map((one) => lineAndColumn(file.text, node.entries[one]?.start ?? 0));
    throw new BatonError(
      'EDIT_AMBIGUOUS',
      `${placeName(place.path)} has ${found.length} items with ${wanted}: ${lines.join('; ')}`,
      {
        hint: 'Name more fields in `where`.',
      },
    );
  }
  const steps = remove
    ? [(now: YamlFile) => removalStep(now, place, new Set([index]), operation['keep-comment'] === true)]
    : Object.entries(set).map(([field, value]) => fieldStep(placeInside(place, index, index), field, value));
  return { splices: runSteps(file, steps), matches: 1 };
}

/** Gives one field its value; what is missing above it is made. */
function fieldStep(item: Place, field: string, value: Value): (file: YamlFile) => Step {
  return (file) => {
    let place = item;
    const keys = parseNodePath(field);
    for (const [depth, key] of keys.entries()) {
      const { node } = nodeAt(file, place);
      refuseAlias(file, node, place.path);
      if (depth === keys.length - 1) break;
      const index = typeof key === 'number' ? (node.kind === 'seq' ? key : -1) : findKey(file, node, key, place.path);
      const inner = node.entries[index];
      if (inner === undefined) return setStep(place, [nested(keys.slice(depth), value)])(file);
      place = placeInside(place, index, key);
    }
    expectKind(file, nodeAt(file, place).node, 'map', place.path);
    return setStep(place, [nested(keys.slice(-1), value)])(file);
  };
}

function nested(keys: readonly (string | number)[], value: Value): [string, Value] {
  const [first, ...rest] = keys;
  if (typeof first !== 'string') {
    throw new BatonError(
      'EDIT_INVALID',
      `expected a key to set, found ${first === undefined ? 'nothing' : printNodePath([first])}`,
    );
  }
  if (rest.length === 0) return [first, value];
  const [key, inner] = nested(rest, value);
  return [first, { [key]: inner }];
}

function itemsWith(list: YamlNode, where: Readonly<Record<string, Value>>): number[] {
  const fields = Object.entries(where).map(([path, value]) => ({ keys: parseNodePath(path), value }));
  return list.entries.flatMap((entry, index) => {
    const fits = fields.every(({ keys, value }) => {
      const field = fieldOf(entry.value, keys);
      return field !== undefined && hasValue(field, value);
    });
    return fits ? [index] : [];
  });
}

function fieldOf(node: YamlNode, keys: readonly (string | number)[]): YamlNode | undefined {
  let at: YamlNode | undefined = node;
  for (const key of keys) {
    const inside: YamlNode | undefined = at === undefined ? undefined : behindAlias(at);
    if (inside === undefined) return undefined;
    at =
      typeof key === 'number'
        ? inside.kind === 'seq'
          ? inside.entries[key]?.value
          : undefined
        : fieldValue(inside, key, 0);
  }
  return at;
}

/** The value of a key, its own before what merge keys bring. */
function fieldValue(node: YamlNode, key: string, depth: number): YamlNode | undefined {
  const own = node.entries.find((entry) => hasKey(entry, key));
  if (own !== undefined || depth > 8) return own?.value;
  for (const { value } of node.entries.filter((entry) => hasKey(entry, '<<'))) {
    const merged = behindAlias(value);
    const sources = merged?.kind === 'seq' ? merged.entries.map((entry) => behindAlias(entry.value)) : [merged];
    for (const source of sources) {
      const found = source === undefined ? undefined : fieldValue(source, key, depth + 1);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function behindAlias(node: YamlNode): YamlNode | undefined {
  return node.kind === 'alias' ? node.target : node;
}

function fieldHint(list: YamlNode, where: Readonly<Record<string, Value>>): string {
  const [path = ''] = Object.keys(where);
  const values = list.entries
    .map(({ value }) => fieldOf(value, parseNodePath(path))?.value)
    .filter((one) => one !== undefined);
  if (values.length === 0) return `No item has a field ${path}.`;
  return `The field ${path} is: ${values
    .slice(0, 12)
    .map((one) => JSON.stringify(one))
    .join(', ')}.`;
}
