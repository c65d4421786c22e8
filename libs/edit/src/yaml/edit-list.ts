import { BatonError } from '@baton/kernel';
import type { Count, Value, YamlListOperation } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { removalStep } from './edit-map.ts';
import { expectKind, growCollection } from './grow.ts';
import { type NewEntry, withComment } from './insert-entries.ts';
import { type ListPlan, planList } from './list-plan.ts';
import { findPlace, nodeAt, type Place, placeInside, placeName } from './place.ts';
import type { Quotes } from './print-scalar.ts';
import { itemLines, printFlow } from './print-value.ts';
import { runSteps, type Step } from './run-steps.ts';
import { setShape, setValue } from './set-value.ts';
import { valueShape } from './shape.ts';
import { handOf } from './style.ts';
import { readYaml, type YamlFile } from './yaml-text.ts';
import type { YamlNode } from './yaml-tree.ts';

/**
 * Adds, removes and replaces items of one sequence by splices; all are named by the values that the file has before the edit. An item's
 * comments (directly above, and on its line) go with it; the last item leaves `[]`. An empty list, and a key without a value, can grow.
 * Items to add that are there, and replacements that are done, count as matches without splices; an item to remove that is not there
 * only when everything else is done already, or when `expect` fits the list as it will be.
 *
 * @throws BatonError `EDIT_NO_MATCH`, `EDIT_COUNT`, `EDIT_AMBIGUOUS`, `EDIT_INVALID`, `EDIT_REFUSED`, `EDIT_UNVERIFIED`
 */
export function editYamlList(bytes: Uint8Array, operation: YamlListOperation): Edit {
  const { add = [], remove = [], replace = [], expect } = operation;
  const matches = add.length + remove.length + replace.length;
  if (matches === 0 && expect === undefined) {
    throw new BatonError('EDIT_INVALID', 'expected add, remove, replace or expect, found none of them');
  }
  const file = readYaml(bytes);
  const place = findPlace(file, operation.at);
  const { node } = nodeAt(file, place);
  expectKind(file, node, 'seq', operation.at);
  const after = node.entries.length + remove.length - add.length;
  const plan = planList(node, operation, placeName(place.path), expect !== undefined && fits(after, expect));
  const idle = plan.adds.length + plan.removes.length + plan.replaces.length === 0;
  const fitsNow = expect === undefined || fits(node.entries.length, expect);
  if (!fitsNow && !(idle && matches > 0 && expect !== undefined && fits(after, expect))) {
    throw new BatonError(
      'EDIT_COUNT',
      `${placeName(place.path)} has ${node.entries.length} items, not as many as expected`,
      {
        hint: 'Look at what was added or removed since the manifest was written, then correct `expect`.',
        details: { found: node.entries.length, expected: expect },
      },
    );
  }
  if (idle) return { splices: [], matches: Math.max(matches, 1) };
  const keepComment = operation['keep-comment'] === true;
  return { splices: runSteps(file, stepsOf(place, plan, keepComment)), matches };
}

function stepsOf(
  place: Place,
  { adds, replaces, removes }: ListPlan,
  keepComment: boolean,
): ((file: YamlFile) => Step)[] {
  const shifted = (index: number): number => index + adds.filter(({ at }) => at <= index).length;
  return [
    ...(adds.length === 0 ? [] : [addStep(place, adds)]),
    ...(replaces.length === 0
      ? []
      : [replaceStep(place, new Map(replaces.map(({ index, to }) => [shifted(index), to])))]),
    ...(removes.length === 0
      ? []
      : [(file: YamlFile) => removalStep(file, place, new Set(removes.map(shifted)), keepComment)]),
  ];
}

function addStep(place: Place, adds: ListPlan['adds']): (file: YamlFile) => Step {
  return (file) => {
    const found = nodeAt(file, place);
    const hand = handOf(file);
    const quotes = quotesOf(found.node);
    const edits = [...Map.groupBy(adds, ({ gap }) => JSON.stringify(gap)).values()].flatMap((group) => {
      const entries = group.map(({ value, comment }): NewEntry => {
        const flow = printFlow(value, { hand, flow: true, quotes });
        return withComment({ lines: itemLines(value, { hand, quotes }), flow }, comment);
      });
      const gap = group[0]?.gap ?? { after: 0 };
      return growCollection(file, found, { kind: 'seq', gap, entries, hand });
    });
    return {
      edits,
      place,
      change: (shape) => {
        const { value: _, ...rest } = shape;
        const entries = Array.from({ length: shape.entries.length + 1 }, (_, at) => [
          ...adds.filter((one) => one.at === at).map(({ value }) => ({ value: valueShape(value) })),
          ...shape.entries.slice(at, at + 1),
        ]);
        return { ...rest, kind: 'seq', entries: entries.flat() };
      },
    };
  };
}

function replaceStep(place: Place, replaces: ReadonlyMap<number, Value>): (file: YamlFile) => Step {
  return (file) => {
    const { node } = nodeAt(file, place);
    const hand = handOf(file);
    return {
      edits: [...replaces].flatMap(([index, to]) => {
        return setValue(file.text, nodeAt(file, placeInside(place, index, index)), to, hand);
      }),
      place,
      change: (shape) => ({
        ...shape,
        entries: shape.entries.map((entry, index) => {
          const [to, old] = [replaces.get(index), node.entries[index]?.value];
          return to === undefined || old === undefined ? entry : { ...entry, value: setShape(old, to)(entry.value) };
        }),
      }),
    };
  };
}

/** The quotes that all texts of a list are in; none where they differ. */
function quotesOf({ entries }: YamlNode): Quotes {
  const texts = entries.map(({ value }) => value).filter(({ value }) => typeof value === 'string');
  const styles = new Set(texts.map(({ style }) => style));
  const [only] = styles;
  return styles.size === 1 && (only === 'single' || only === 'double') ? only : 'plain';
}

function fits(count: number, expect: Count): boolean {
  if (expect === 'any') return count > 0;
  if (typeof expect === 'number') return count === expect;
  return count >= (expect.min ?? 0) && count <= (expect.max ?? Number.POSITIVE_INFINITY);
}
