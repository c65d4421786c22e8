import { BatonError } from '@baton/kernel';
import { editJson } from '../json/edit-json.ts';
import type { EmbeddedEdit, YamlEmbeddedOperation } from '../operations.ts';
import { applySplices, type Edit, type Splice } from '../splice.ts';
import { editLines } from '../text/lines.ts';
import { editReplace } from '../text/replace.ts';
import { editYamlItem } from './edit-item.ts';
import { editYamlList } from './edit-list.ts';
import { editYamlMap } from './edit-map.ts';
import { type EmbeddedText, embeddedText, outerEdit } from './embedded-text.ts';
import { findPlace, nodeAt, type Place, placeName, refuseAlias } from './place.ts';
import { runSteps, type Step } from './run-steps.ts';
import { readYaml, type YamlFile } from './yaml-text.ts';

/**
 * Edits the document in a literal block scalar (`|`) by splices: the operations see its text without indentation, all of them as it is
 * before the edit, and what they write is indented as the lines around it. Lines that no operation touches keep their bytes.
 *
 * @throws BatonError those of the inner editors; `EDIT_INVALID` where there is no literal block scalar, or an operation does not fit `as`
 */
export function editYamlEmbedded(bytes: Uint8Array, operation: YamlEmbeddedOperation): Edit {
  const { at, as, ops } = operation;
  if (ops.length === 0) throw new BatonError('EDIT_INVALID', 'expected at least one operation in ops, found none');
  const file = readYaml(bytes);
  const place = findPlace(file, at);
  const { node } = nodeAt(file, place);
  refuseAlias(file, node, place.path);
  if (node.style !== 'literal') {
    throw new BatonError(
      'EDIT_INVALID',
      `expected a literal block scalar (|) at ${placeName(place.path)}, found none`,
      {
        hint: 'Text in quotes or in a folded scalar (>) has no lines to edit: set it whole with yaml.map.',
      },
    );
  }
  const inner = embeddedText(file.text, node);
  const before = Buffer.from(inner.text);
  const edits = ops.map((op) => editInner(before, op, as, place));
  const splices = edits.flatMap((edit) => edit.splices);
  const after = applySplices(before, splices);
  if (as === 'yaml') readYaml(after);
  const matches = edits.reduce((sum, edit) => sum + edit.matches, 0);
  if (after.equals(before)) return { splices: [], matches };
  return { splices: runSteps(file, [innerStep(place, inner, before, splices, after)]), matches };
}

function innerStep(
  place: Place,
  inner: EmbeddedText,
  before: Buffer,
  splices: readonly Splice[],
  after: Buffer,
): (file: YamlFile) => Step {
  return (file) => ({
    edits: splices.map(({ start, end, bytes }) => {
      // An inner splice is of bytes, the outer text has UTF-16 indexes.
      const from = before.subarray(0, start).toString().length;
      const to = from + before.subarray(start, end).toString().length;
      return outerEdit(file.text, inner, { start: from, end: to, text: Buffer.from(bytes).toString() });
    }),
    place,
    change: (shape) => ({ ...shape, value: after.toString() }),
  });
}

function editInner(bytes: Buffer, op: EmbeddedEdit, as: YamlEmbeddedOperation['as'], { path }: Place): Edit {
  if ('lines' in op) return editLines(bytes, op.lines);
  if ('replace' in op) return editReplace(bytes, op.replace);
  if ('json.edit' in op && as === 'json') return editJson(bytes, op['json.edit']);
  if (as === 'yaml') {
    if ('yaml.list' in op) return editYamlList(bytes, op['yaml.list']);
    if ('yaml.map' in op) return editYamlMap(bytes, op['yaml.map']);
    if ('yaml.item' in op) return editYamlItem(bytes, op['yaml.item']);
  }
  const [name] = Object.keys(op);
  throw new BatonError('EDIT_INVALID', `${name} does not fit the text at ${placeName(path)}, which is read as ${as}`, {
    hint: 'Correct `as`: yaml for yaml.*, json for json.edit, any for lines and replace.',
  });
}
