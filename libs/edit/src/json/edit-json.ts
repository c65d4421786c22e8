import { BatonError } from '@baton/kernel';
import { type DataStep, type Path, show } from '../data/data-steps.ts';
import { type DelimitedList, insertItem, removeItem } from '../data/delimited-list.ts';
import { editData } from '../data/edit-data.ts';
import { indentAt, lineEndingAt, type TextSplice } from '../data/source-text.ts';
import type { JsonEditOperation, Value } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { type JsonStyle, renderJson, renderMember, styleOf } from './json-style.ts';
import { type JsonDocument, type JsonFormat, type JsonNode, parseJson } from './parse-json.ts';

/**
 * Edits JSON, JSON with comments or JSON5 and keeps what it does not name: comments, trailing commas or their absence, quotes,
 * indentation, line endings. A removed item takes the comment right above it and the one on its line along.
 *
 * The format is the operation's; otherwise JSON5 for a path that ends in `.json5`, and JSON with comments for any other, because
 * many `.json` files have them.
 *
 * @throws BatonError `EDIT_REFUSED`, `EDIT_INVALID`, `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS`, `EDIT_UNVERIFIED`
 */
export function editJson(bytes: Uint8Array, operation: JsonEditOperation, path = ''): Edit {
  const format: JsonFormat = operation.format ?? (/\.json5$/i.test(path) ? 'json5' : 'jsonc');
  return editData(bytes, operation.ops, {
    parse: (text) => parseJson(text, format),
    splices: (document, step) => splicesFor(document, step, styleOf(document, format)),
  });
}

function splicesFor(document: JsonDocument, step: DataStep, style: JsonStyle): TextSplice[] {
  if (step.do === 'write') return [writeOver(document, nodeAt(document, step.path), step.value, style)];
  if (step.do === 'remove') {
    const container = nodeAt(document, step.path.slice(0, -1));
    return removeItem(document.text, listOf(document, container), indexIn(container, step.path.at(-1)));
  }
  const container = nodeAt(document, step.path);
  const list = listOf(document, container);
  const ending = lineEndingAt(document.text, container.start);
  if ('key' in step) {
    const render = (indent: string | undefined) => renderMember(step.key, step.value, style, ending, indent);
    return insertItem(document.text, list, list.items.length, 'after', render, style);
  }
  const render = (indent: string | undefined) => renderJson(step.value, style, ending, indent);
  return insertItem(document.text, list, step.index, step.beside, render, style);
}

function writeOver(document: JsonDocument, node: JsonNode, value: Value, style: JsonStyle): TextSplice {
  const { text } = document;
  const source = text.slice(node.start, node.end);
  const inline = node.kind !== 'scalar' && node.items.length > 0 && !source.includes('\n');
  const quote = source.startsWith("'") ? "'" : source.startsWith('"') ? '"' : style.quote;
  const rendered = renderJson(
    value,
    { ...style, quote: typeof value === 'string' ? quote : style.quote },
    lineEndingAt(text, node.start),
    inline ? undefined : indentAt(text, node.start),
  );
  return { start: node.start, end: node.end, text: rendered };
}

function nodeAt(document: JsonDocument, path: Path): JsonNode {
  let node = document.root;
  for (const part of path) {
    const child = node.kind === 'scalar' ? undefined : node.items[indexIn(node, part)]?.value;
    if (child === undefined) throw new BatonError('EDIT_NO_MATCH', `expected something at ${show(path)}`);
    node = child;
  }
  return node;
}

function indexIn(node: JsonNode, part: string | number | undefined): number {
  if (node.kind === 'object') return node.items.findIndex(({ key }) => key === part);
  return typeof part === 'number' ? part : -1;
}

function listOf(document: JsonDocument, node: JsonNode): DelimitedList {
  return {
    open: node.start + 1,
    close: node.end - 1,
    items: node.kind === 'scalar' ? [] : node.items,
    comments: document.comments.filter(({ start, end }) => start > node.start && end < node.end),
  };
}
