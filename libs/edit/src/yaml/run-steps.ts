import { BatonError } from '@baton/kernel';
import type { Splice } from '../splice.ts';
import type { Place } from './place.ts';
import { type Shape, sameShape, shapeOf, withShapeAt } from './shape.ts';
import { editPieces, joinPieces, type Piece, piecesToSplices, type TextEdit } from './text-edits.ts';
import { lineAndColumn, parseYaml, type YamlFile } from './yaml-text.ts';
import type { YamlNode } from './yaml-tree.ts';

/** What one step does: edits of the text as the steps before left it, and what the node at the place means afterwards. */
export interface Step {
  edits: readonly TextEdit[];
  place: Place;
  change: (shape: Shape) => Shape;
}

/**
 * Runs steps one behind the other and reads the text again after each: every document must mean exactly what was intended.
 *
 * @returns the splices of the original bytes
 * @throws BatonError `EDIT_UNVERIFIED`, `EDIT_INVALID` when an alias is left without its anchor
 */
export function runSteps(file: YamlFile, steps: readonly ((file: YamlFile) => Step)[]): Splice[] {
  let current = file;
  let pieces: readonly Piece[] = [{ start: 0, end: file.text.length }];
  let shapes = file.documents.map(shapeOf);
  for (const step of steps) {
    const { edits, place, change } = step(current);
    shapes = shapes.map((shape, index) =>
      index === place.document ? withShapeAt(shape, place.indexes, change) : shape,
    );
    if (edits.length > 0) {
      pieces = editPieces(pieces, edits);
      current = readAgain(joinPieces(file.text, pieces), place);
    }
    refuseLostAnchors(file, current);
    if (!sameShape(current.documents.map(shapeOf), shapes)) throw unverified(place, 'it would read as other data');
  }
  return piecesToSplices(file, pieces);
}

function readAgain(text: string, place: Place): YamlFile {
  try {
    return parseYaml(text);
  } catch (cause) {
    throw unverified(place, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function unverified({ path }: Place, why: string, cause?: unknown): BatonError {
  return new BatonError(
    'EDIT_UNVERIFIED',
    `the edit at ${path === '' ? 'the root' : path} does not read as intended: ${why}`,
    {
      hint: 'The place is written in a way that the editor does not master. Use `replace` there, and report the file.',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function refuseLostAnchors(before: YamlFile, after: YamlFile): void {
  const known = new Set(before.documents.flatMap(danglingAliases).map(({ value }) => value));
  const lost = after.documents.flatMap(danglingAliases).find(({ value }) => !known.has(value));
  if (lost === undefined) return;
  throw new BatonError(
    'EDIT_INVALID',
    `the anchor &${lost.value} would be gone, and *${lost.value} names it: ${lineAndColumn(after.text, lost.start)} of the edited file`,
    { hint: 'Write out what the alias stands for first, or move the anchor.' },
  );
}

/** The aliases below a node that have no anchor before them. */
export function danglingAliases(node: YamlNode): YamlNode[] {
  if (node.kind === 'alias') return node.target === undefined ? [node] : [];
  return node.entries.flatMap(({ key, value }) => [
    ...(key === undefined ? [] : danglingAliases(key)),
    ...danglingAliases(value),
  ]);
}
