import { BatonError } from '@baton/kernel';
import { type DataStep, type Path, show } from '../data/data-steps.ts';
import { type Data, isObject } from '../data/data-value.ts';
import { insertItem, removeItem } from '../data/delimited-list.ts';
import { editData } from '../data/edit-data.ts';
import { composeSplices, indentAt, lineEndingAt, spliceText, type TextSplice } from '../data/source-text.ts';
import type { TomlEditOperation, Value } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { listOf, parseToml, pathKey, type TomlDocument } from './parse-toml.ts';
import { insertPair, insertSection, removePair, removeSection, startsWith } from './toml-lines.ts';
import { renderKey, renderPair, renderToml, styleOf, type TomlStyle } from './toml-style.ts';

/**
 * Edits TOML 1.0 and keeps what it does not name. A path leads through tables however they are written: sections, dotted keys, inline
 * tables, arrays of tables. New keys go behind the last one of their table, new items of an array of tables become sections.
 *
 * A table that is left without keys by a removal is gone where it was only implied by them.
 *
 * @throws BatonError `EDIT_REFUSED`, `EDIT_INVALID`, `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS`, `EDIT_UNVERIFIED`
 */
export function editToml(bytes: Uint8Array, operation: TomlEditOperation): Edit {
  return editData(bytes, operation.ops, { parse: parseToml, splices, normal: withoutEmpty });
}

function splices(document: TomlDocument, step: DataStep): TextSplice[] {
  const style = styleOf(document);
  if (step.do === 'write') return [writeOver(document, step.path, step.value, style)];
  if (step.do === 'remove') return removeAll(document, step.path);
  const container = document.values.get(pathKey(step.path))?.node;
  const { text } = document;
  if (container?.type === 'TOMLArray' || container?.type === 'TOMLInlineTable') {
    const list = listOf(document, container);
    const ending = lineEndingAt(text, container.range[0]);
    if ('key' in step) {
      const pair = renderPair(renderKey(step.key), step.value, style, ending);
      return insertItem(text, list, list.items.length, 'after', () => pair, style);
    }
    const render = (indent: string | undefined) => renderToml(step.value, style, ending, indent);
    return insertItem(text, list, step.index, step.beside, render, style);
  }
  if ('key' in step) return [insertPair(document, step.path, step.key, step.value, style)];
  const item = step.value;
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw new BatonError('EDIT_INVALID', `the list at ${show(step.path)} holds tables; a new item must be a mapping`);
  }
  const fields = item as Readonly<Record<string, Value>>;
  return [insertSection(document, [...step.path, step.index], 'array', fields, style)];
}

function writeOver(document: TomlDocument, path: Path, value: Value, style: TomlStyle): TextSplice {
  const node = document.values.get(pathKey(path))?.node;
  if (node === undefined) {
    throw new BatonError(
      'EDIT_INVALID',
      `${show(path)} is a table with keys of its own, and cannot become another kind of value`,
      {
        hint: 'Delete it first.',
      },
    );
  }
  const [start, end] = node.range;
  const source = document.text.slice(start, end);
  const literal = source.startsWith("'") || (style.literal && !source.startsWith('"'));
  const own: TomlStyle = { ...style, literal: typeof value === 'string' ? literal : style.literal };
  const rendered = renderToml(value, own, lineEndingAt(document.text, start), indentAt(document.text, start));
  // A whole number in the place of a fraction stays a float: its readers expect the type.
  const float = node.type === 'TOMLValue' && node.kind === 'float' && /^-?[0-9]+$/.test(rendered);
  return { start, end, text: float ? `${rendered}.0` : rendered };
}

/** Removes all that is at a path or below it: a table may be written in several places. */
function removeAll(document: TomlDocument, path: Path): TextSplice[] {
  // An item in brackets is one piece, whatever it holds.
  const isItem = document.values.get(pathKey(path))?.array !== undefined;
  const pieces = isItem ? 1 : Math.max(1, piecesAt(document, path).length);
  let now = document;
  let composed: TextSplice[] = [];
  for (let done = 0; done < pieces; done += 1) {
    // From the last one on: the sections of an array of tables count from the first.
    const cut = removeOne(now, path);
    composed = composeSplices(composed, cut);
    if (done < pieces - 1) now = parseToml(spliceText(now.text, cut));
  }
  return composed;
}

function removeOne(document: TomlDocument, path: Path): TextSplice[] {
  const place = document.values.get(pathKey(path));
  if (place?.array !== undefined) {
    return removeItem(document.text, listOf(document, place.array.node), place.array.index);
  }
  const piece = piecesAt(document, path).at(-1);
  if (piece === undefined) throw new BatonError('EDIT_NO_MATCH', `expected something at ${show(path)}`);
  if ('section' in piece) {
    const { inline, node } = piece;
    if (inline === undefined) return [removePair(document, piece)];
    return removeItem(document.text, listOf(document, inline), inline.body.indexOf(node));
  }
  return [removeSection(document, piece)];
}

function piecesAt(document: TomlDocument, path: Path) {
  const sections = document.sections.filter(({ resolvedKey }) => startsWith(resolvedKey, path));
  const pairs = document.pairs.filter((pair) => {
    if (!startsWith(pair.path, path)) return false;
    // What lies in a section or value that goes as a whole goes with it.
    if (pair.section !== undefined && startsWith(pair.section.resolvedKey, path)) return false;
    return !document.pairs.some(
      (outer) =>
        outer !== pair &&
        outer.path.length < pair.path.length &&
        startsWith(outer.path, path) &&
        startsWith(pair.path, outer.path),
    );
  });
  return [...pairs, ...sections].sort((a, b) => startOf(a) - startOf(b));
}

function startOf(piece: { node: { range: [number, number] } } | { range: [number, number] }): number {
  return 'node' in piece ? piece.node.range[0] : piece.range[0];
}

/** Data without empty tables and lists: an implied table that lost its last key is no longer written anywhere. */
function withoutEmpty(data: Data): Data {
  if (Array.isArray(data)) return data.map(withoutEmpty);
  if (!isObject(data)) return data;
  const kept = Object.create(null) as { [key: string]: Data };
  for (const [key, item] of Object.entries(data)) {
    const inner = withoutEmpty(item);
    const empty = Array.isArray(inner) ? inner.length === 0 : isObject(inner) && Object.keys(inner).length === 0;
    if (!empty) kept[key] = inner;
  }
  return kept;
}
