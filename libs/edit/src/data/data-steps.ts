import { BatonError } from '@baton/kernel';
import { parseNodePath, printNodePath } from '../node-path.ts';
import type { DataEdit, Position, Value } from '../operations.ts';
import { type Data, isObject, sameData, showValue, toData, toValue } from './data-value.ts';

/** A path that was read. */
export type Path = readonly (string | number)[];

/** The changes that every edit of data comes down to; each is about the document that the one before it left. */
export type DataStep =
  | { do: 'write'; path: Path; value: Value }
  | { do: 'insert'; path: Path; key: string; value: Value }
  | { do: 'insert'; path: Path; index: number; beside: 'before' | 'after'; value: Value }
  | { do: 'remove'; path: Path };

/** What an edit of data comes down to: its steps, how many places it named, and what the document holds afterwards. */
export interface DataPlan {
  steps: DataStep[];
  matches: number;
  result: Data;
}

/**
 * Plans one edit: `set` goes down into objects and lists so that what stays the same is not written again; an item that is already
 * there, or already gone from a list or mapping that exists, is a match without a step.
 *
 * @throws BatonError `EDIT_NO_MATCH` when the path leads nowhere, `EDIT_INVALID` when it leads to something of another kind
 */
export function planDataEdit(data: Data, edit: DataEdit): DataPlan {
  const path = parseNodePath(edit.at);
  const verbs = ['set', 'delete', 'add', 'remove', 'replace'].filter((verb) => verb in edit);
  if (verbs.length !== 1) {
    throw new BatonError(
      'EDIT_INVALID',
      `an edit at ${show(path)} needs exactly one verb, found ${verbs.join(', ') || 'none'}`,
      {
        hint: 'Write one of set, delete, add, remove, replace.',
      },
    );
  }
  const { steps, matches } = planVerb(data, path, edit);
  return { steps, matches, result: steps.reduce(applyStep, data) };
}

function planVerb(data: Data, path: Path, edit: DataEdit): { steps: DataStep[]; matches: number } {
  if ('set' in edit) return { steps: planSet(data, path, edit.set), matches: 1 };
  if ('delete' in edit && path.length === 0)
    throw new BatonError('EDIT_INVALID', 'the root of a document cannot be deleted');
  if ('delete' in edit) return { steps: lookUp(data, path) === undefined ? [] : [{ do: 'remove', path }], matches: 1 };
  const list = lookUp(data, path);
  if (!Array.isArray(list)) {
    if (list === undefined) throw missing(path, path.at(-1));
    throw new BatonError('EDIT_INVALID', `expected a list at ${show(path)}, found ${showValue(list)}`);
  }
  if ('add' in edit) return planAdd(list, path, edit.add, edit.position ?? 'end');
  return 'remove' in edit ? planRemove(list, path, edit.remove) : planReplace(list, path, edit.replace);
}

/** What is at a path; undefined when only its last part is absent. */
function lookUp(data: Data, path: Path): Data | undefined {
  let node: Data | undefined = data;
  for (const [depth, part] of path.entries()) {
    if (node === undefined) throw missing(path.slice(0, depth), path[depth - 1]);
    node = childOf(node, part, path.slice(0, depth));
  }
  return node;
}

function childOf(node: Data, part: string | number, at: Path): Data | undefined {
  if (typeof part === 'number' && Array.isArray(node)) return node[part];
  if (typeof part === 'string' && isObject(node)) return Object.hasOwn(node, part) ? node[part] : undefined;
  const expected = typeof part === 'number' ? 'a list' : 'a mapping';
  throw new BatonError('EDIT_INVALID', `expected ${expected} at ${show(at)}, found ${showValue(node)}`);
}

function planSet(data: Data, path: Path, value: Value): DataStep[] {
  const found = lookUp(data, path);
  if (found !== undefined) return stepsBetween(found, toData(value), path);
  const key = path.at(-1);
  // A list is made longer by `add`; an index behind its end is more likely a mistake.
  if (typeof key !== 'string') throw missing(path, key);
  return [{ do: 'insert', path: path.slice(0, -1), key, value }];
}

/** The steps that make `after` of `before`, touching as little as possible. */
function stepsBetween(before: Data, after: Data, path: Path): DataStep[] {
  if (sameData(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
    const steps: DataStep[] = gone.map((key) => ({ do: 'remove', path: [...path, key] }));
    for (const [key, value] of Object.entries(after)) {
      const old = Object.hasOwn(before, key) ? before[key] : undefined;
      if (old === undefined) steps.push({ do: 'insert', path, key, value: toValue(value) });
      else steps.push(...stepsBetween(old, value, [...path, key]));
    }
    return steps;
  }
  if (Array.isArray(before) && Array.isArray(after)) return stepsBetweenLists(before, after, path);
  return [{ do: 'write', path, value: toValue(after) }];
}

function stepsBetweenLists(before: readonly Data[], after: readonly Data[], path: Path): DataStep[] {
  let start = 0;
  while (start < before.length && start < after.length && sameData(before[start], after[start])) start += 1;
  let same = 0;
  const shorter = Math.min(before.length, after.length) - start;
  while (same < shorter && sameData(before[before.length - 1 - same], after[after.length - 1 - same])) same += 1;
  const oldEnd = before.length - same;
  const newEnd = after.length - same;
  const common = Math.min(oldEnd, newEnd);
  const steps: DataStep[] = [];
  for (let index = start; index < common; index += 1) {
    steps.push(...stepsBetween(before[index] ?? null, after[index] ?? null, [...path, index]));
  }
  for (let index = oldEnd - 1; index >= common; index -= 1) steps.push({ do: 'remove', path: [...path, index] });
  for (let index = common; index < newEnd; index += 1) {
    steps.push({ do: 'insert', path, index, beside: 'after', value: toValue(after[index] ?? null) });
  }
  return steps;
}

function planAdd(list: readonly Data[], path: Path, values: readonly Value[], position: Position) {
  let place = placeIn(list, path, position);
  const now = [...list];
  const steps: DataStep[] = [];
  for (const value of values) {
    const data = toData(value);
    if (now.some((item) => sameData(item, data))) continue;
    steps.push({ do: 'insert', path, ...place, value });
    now.splice(place.index, 0, data);
    place = { index: place.index + 1, beside: place.beside === 'before' && position !== 'start' ? 'before' : 'after' };
  }
  return { steps, matches: values.length };
}

function placeIn(list: readonly Data[], path: Path, position: Position): { index: number; beside: 'before' | 'after' } {
  if (position === 'start') return { index: 0, beside: 'before' };
  if (position === 'end') return { index: list.length, beside: 'after' };
  const value = 'before' in position ? position.before : position.after;
  const found = indexesOf(list, toData(value));
  const [index] = found;
  if (index === undefined) throw noItem(path, value, list);
  if (found.length > 1) {
    throw new BatonError('EDIT_AMBIGUOUS', `the list at ${show(path)} has ${showValue(value)} ${found.length} times`);
  }
  return 'before' in position ? { index, beside: 'before' } : { index: index + 1, beside: 'after' };
}

function planRemove(list: readonly Data[], path: Path, values: readonly Value[]) {
  let matches = 0;
  const gone = new Set<number>();
  for (const value of values) {
    const found = indexesOf(list, toData(value));
    // Already absent: what the edit asks for is so.
    matches += Math.max(1, found.length);
    for (const index of found) gone.add(index);
  }
  const steps: DataStep[] = [...gone].sort((a, b) => b - a).map((index) => ({ do: 'remove', path: [...path, index] }));
  return { steps, matches };
}

function planReplace(list: readonly Data[], path: Path, pairs: readonly { from: Value; to: Value }[]) {
  let matches = 0;
  const steps: DataStep[] = [];
  for (const { from, to } of pairs) {
    const found = indexesOf(list, toData(from));
    const done = indexesOf(list, toData(to));
    if (found.length === 0 && done.length === 0) throw noItem(path, from, list);
    matches += found.length || done.length;
    for (const index of found) steps.push(...stepsBetween(toData(from), toData(to), [...path, index]));
  }
  return { steps, matches };
}

function indexesOf(list: readonly Data[], value: Data): number[] {
  return list.flatMap((item, index) => (sameData(item, value) ? [index] : []));
}

/** The data after one step; the data handed in is left as it is. */
export function applyStep(data: Data, step: DataStep): Data {
  return change(data, step.path, (node) => {
    if (step.do === 'write') return toData(step.value);
    if (step.do === 'remove') return undefined;
    if ('key' in step) {
      const copy = Object.assign(Object.create(null), node) as { [key: string]: Data };
      copy[step.key] = toData(step.value);
      return copy;
    }
    const copy = Array.isArray(node) ? [...node] : [];
    copy.splice(step.index, 0, toData(step.value));
    return copy;
  });
}

/** `data` with what is at `path` changed; undefined removes it. The root is never removed: it becomes null. */
function change(data: Data, path: Path, how: (node: Data) => Data | undefined): Data {
  const [part, ...rest] = path;
  if (part === undefined) return how(data) ?? null;
  if (Array.isArray(data)) {
    return data.flatMap((item, index) => {
      if (index !== part) return [item];
      if (rest.length > 0) return [change(item, rest, how)];
      const changed = how(item);
      return changed === undefined ? [] : [changed];
    });
  }
  const copy = Object.assign(Object.create(null), data) as { [key: string]: Data };
  const changed = rest.length > 0 ? change(copy[part] ?? null, rest, how) : how(copy[part] ?? null);
  if (changed === undefined) delete copy[part];
  else copy[part] = changed;
  return copy;
}

function missing(path: Path, part: string | number | undefined): BatonError {
  return new BatonError(
    'EDIT_NO_MATCH',
    `expected something at ${show(path)}, found no ${JSON.stringify(part ?? '')}`,
    {
      hint: 'Look at the file for the path; a new key is made only where its mapping exists.',
    },
  );
}

function noItem(path: Path, value: Value, list: readonly Data[]): BatonError {
  return new BatonError('EDIT_NO_MATCH', `the list at ${show(path)} has no ${showValue(value)}`, {
    hint: `It has ${list.length === 0 ? 'no items' : list.slice(0, 8).map(showValue).join(', ')}${list.length > 8 ? ', ...' : ''}.`,
  });
}

/** A path for messages. */
export function show(path: Path): string {
  return path.length === 0 ? 'the root' : printNodePath(path);
}
