import { BatonError } from '@baton/kernel';
import { printNodePath } from '../node-path.ts';
import type { NodePath } from '../operations.ts';
import { type Gap, insertEntries, type NewEntry } from './insert-entries.ts';
import { type Found, kindName, placeName, refuseAlias } from './place.ts';
import { isInFlow, padOf, writeValue } from './set-value.ts';
import type { YamlHand } from './style.ts';
import type { TextEdit } from './text-edits.ts';
import type { YamlFile } from './yaml-text.ts';
import type { YamlNode } from './yaml-tree.ts';

/** Holds a node to what an operation is about; a key without a value counts as an empty list and as an empty mapping. */
export function expectKind(file: YamlFile, node: YamlNode, kind: 'map' | 'seq', path: NodePath): void {
  const name = printNodePath(path);
  refuseAlias(file, node, name);
  if (node.kind === kind || isNothing(node)) return;
  const wanted = kind === 'map' ? 'a mapping' : 'a list';
  throw new BatonError('EDIT_INVALID', `expected ${wanted} at ${placeName(name)}, found ${kindName(node)}`);
}

/** Whether a node is a key without value, `null` or `~`. */
export function isNothing({ kind, value, tag }: YamlNode): boolean {
  return kind === 'scalar' && value === null && tag === undefined;
}

/** Adds entries to a collection that may be empty or nothing yet; then they stand behind or below its key. */
export function growCollection(
  file: YamlFile,
  found: Found,
  { kind, gap, entries, hand }: { kind: 'map' | 'seq'; gap: Gap; entries: readonly NewEntry[]; hand: YamlHand },
): TextEdit[] {
  const { node } = found;
  const filled = node.entries.length > 0;
  const inFlow =
    isInFlow(found) || (!filled && kind === 'seq' && hand.flowLists && entries.every(({ comment }) => !comment));
  const flows = entries.map(({ flow }) => flow).filter((flow) => flow !== undefined);
  if (filled) {
    const edits = insertEntries(file.text, node, gap, entries);
    if (edits !== undefined) return edits;
  } else if (!inFlow) {
    return writeValue(file.text, found, { head: '', body: entries.flatMap(({ lines }) => lines) }, hand);
  } else if (flows.length === entries.length && entries.every(({ comment }) => !comment)) {
    const { padLists, padMaps } = padOf(file.text, node, hand);
    const pad = (kind === 'seq' ? padLists : padMaps) ? ' ' : '';
    const [open, close] = kind === 'seq' ? ['[', ']'] : ['{', '}'];
    const head = `${open}${pad}${flows.join(', ')}${pad}${close}`;
    return isInFlow(found) ? inBrackets(found, head) : writeValue(file.text, found, { head, body: [] }, hand);
  }
  throw new BatonError(
    'EDIT_INVALID',
    'brackets and braces on one line have no room for a comment or a block of lines',
    {
      hint: 'Leave the comment out, or write the list with one item on each line first.',
    },
  );
}

function inBrackets({ node, holder }: Found, head: string): TextEdit[] {
  const written = `${node.anchor === undefined ? '' : `&${node.anchor} `}${head}`;
  if (node.start < node.end) return [{ start: node.start, end: node.end, text: written }];
  const mark = holder?.entry.mark;
  return [
    { start: mark ?? node.before, end: mark ?? node.before, text: `${mark === undefined ? ':' : ''} ${written}` },
  ];
}
