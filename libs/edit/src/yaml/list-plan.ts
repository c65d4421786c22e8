import { isDeepStrictEqual } from 'node:util';
import { BatonError } from '@baton/kernel';
import type { Position, Value, YamlListOperation } from '../operations.ts';
import type { Gap } from './insert-entries.ts';
import { noMatch } from './place.ts';
import { hasValue } from './shape.ts';
import type { YamlNode } from './yaml-tree.ts';

/** What an operation changes in a list, by the indexes that it has before; what is done already is left out. */
export interface ListPlan {
  adds: { value: Value; comment: string | undefined; gap: Gap; at: number }[];
  replaces: { index: number; to: Value }[];
  removes: number[];
}

/**
 * Finds the items that an operation names.
 *
 * @param shrunk the list has the length that it has after the edit: what is to be removed may be gone
 * @throws BatonError `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS`, `EDIT_INVALID`
 */
export function planList(node: YamlNode, operation: YamlListOperation, where: string, shrunk: boolean): ListPlan {
  const { add = [], remove = [], replace = [] } = operation;
  const indexesOf = (value: Value): number[] =>
    node.entries.flatMap((entry, index) => (hasValue(entry.value, value) ? [index] : []));
  const show = (value: Value): string => JSON.stringify(value);
  const one = (value: Value): number => {
    const [index, second] = indexesOf(value);
    if (index === undefined) throw missing(value);
    if (second !== undefined)
      throw new BatonError('EDIT_AMBIGUOUS', `${where} has the item ${show(value)} more than once`);
    return index;
  };
  const missing = (value: Value): BatonError => {
    const has = node.entries.length === 0 ? 'it is empty' : `it has ${node.entries.length} others`;
    return noMatch(`${where} has no item ${show(value)}: ${has}`, 'Items are compared as data: "1" is not 1.');
  };

  const absent: Value[] = [];
  const removes = new Set<number>();
  for (const value of remove) {
    const found = indexesOf(value);
    const wanted = remove.filter((other) => isDeepStrictEqual(other, value)).length;
    if (found.length === 0) absent.push(value);
    else if (found.length !== wanted) {
      throw new BatonError('EDIT_AMBIGUOUS', `${where} has the item ${show(value)} ${found.length} times`, {
        hint: 'Name it as many times as it is there to remove them all.',
      });
    }
    for (const index of found) removes.add(index);
  }

  const replaces: ListPlan['replaces'] = [];
  for (const { from, to } of replace) {
    if (indexesOf(from).length === 0 && indexesOf(to).length > 0) continue;
    const index = one(from);
    if (removes.has(index) || replaces.some((other) => other.index === index)) {
      throw new BatonError('EDIT_INVALID', `the operation names the item ${show(from)} twice`);
    }
    if (!isDeepStrictEqual(from, to)) replaces.push({ index, to });
  }

  const adds: ListPlan['adds'] = [];
  for (const { value, position = 'end', comment } of add) {
    const there = indexesOf(value).filter((index) => !removes.has(index));
    if (there.length === 0) {
      const gap = gapFor(node, position, one);
      adds.push({ value, comment, gap, at: 'before' in gap ? gap.before : gap.after + 1 });
    } else if (!isInPlace(there, position, { node, one, added: add.map((other) => other.value) })) {
      throw new BatonError(
        'EDIT_INVALID',
        `${where} has the item ${show(value)} already, at another place: [${there[0]}]`,
        {
          hint: 'Name it in `remove` too, to move it.',
        },
      );
    }
  }
  const plan = inOrder({ adds, replaces, removes: [...removes] }, node);
  const idle = plan.adds.length + plan.replaces.length + plan.removes.length === 0;
  if (absent[0] !== undefined && !(idle && (add.length + replace.length > 0 || shrunk))) throw missing(absent[0]);
  return plan;
}

function gapFor({ entries }: YamlNode, position: Position, one: (value: Value) => number): Gap {
  if (position === 'end') return { after: entries.length - 1 };
  if (position === 'start') return { before: 0 };
  return 'before' in position ? { before: one(position.before) } : { after: one(position.after) };
}

/** Whether an item is where it was to go: nothing but added items between it and its neighbour. */
function isInPlace(
  there: readonly number[],
  position: Position,
  { node, one, added }: { node: YamlNode; one: (value: Value) => number; added: readonly Value[] },
): boolean {
  if (position === 'end') return true;
  const between = (from: number, to: number): boolean =>
    from <= to && node.entries.slice(from, to).every(({ value }) => added.some((other) => hasValue(value, other)));
  return there.some((index) => {
    if (position === 'start') return between(0, index);
    if ('before' in position) return between(index + 1, one(position.before));
    return between(one(position.after) + 1, index);
  });
}

/** An item that is removed and added again at its own place is left alone; what is added before an item is written after what follows the one above. */
function inOrder(plan: ListPlan, node: YamlNode): ListPlan {
  const kept = plan.adds.filter(({ value, at }) =>
    plan.removes.some(
      (index) => (at === index || at === index + 1) && hasValue(node.entries[index]?.value ?? node, value),
    ),
  );
  const stays = plan.removes.filter((index) =>
    kept.some(({ value }) => hasValue(node.entries[index]?.value ?? node, value)),
  );
  const adds = plan.adds.filter((one) => !kept.includes(one));
  const side = ({ gap }: ListPlan['adds'][number]): number => ('after' in gap ? 0 : 1);
  return {
    replaces: plan.replaces,
    removes: plan.removes.filter((index) => !stays.includes(index)),
    adds: adds.sort((a, b) => a.at - b.at || side(a) - side(b)),
  };
}
