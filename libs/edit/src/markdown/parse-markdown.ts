import { BatonError } from '@baton/kernel';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTable } from 'micromark-extension-gfm-table';
import { lineStart, spliceText, type TextSplice, toEdit } from '../data/source-text.ts';
import type { Edit } from '../splice.ts';

/** A node of a document with its place (UTF-16 offsets, the end behind it). */
export interface MdNode {
  type: string;
  start: number;
  end: number;
  children: MdNode[];
  /** Depth of a heading, text of a literal, language of a fence, url of a link, and so on. */
  fields: Readonly<Record<string, unknown>>;
}

/** A document: its text and its nodes. Front matter is no node: nothing in it is Markdown. */
export interface MdDocument {
  text: string;
  root: MdNode;
}

interface RawNode {
  type: string;
  position?: { start: { offset?: number | undefined }; end: { offset?: number | undefined } } | undefined;
  children?: RawNode[];
}

/** Reads Markdown (CommonMark with tables of GFM) for its positions. */
export function parseMarkdown(text: string): MdDocument {
  const mark = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const body = text.slice(mark);
  const matter = /^---[ \t]*\r?\n(?:[^\n]*\n)*?(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/.exec(body)?.[0] ?? '';
  // Blanks of the same length: offsets stay, and the parser sees nothing.
  const readable = matter.replace(/[^\r\n]/g, ' ') + body.slice(matter.length);
  const tree = fromMarkdown(readable, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
  return { text, root: nodeOf(tree, mark, text.length) };
}

function nodeOf(raw: RawNode, shift: number, end: number): MdNode {
  const { type, position, children = [], ...fields } = raw;
  return {
    type,
    start: (position?.start.offset ?? 0) + shift,
    end: type === 'root' ? end : (position?.end.offset ?? 0) + shift,
    children: children.map((child) => nodeOf(child, shift, end)),
    fields,
  };
}

/** The words of a node without their markup. */
export function plainText(node: MdNode): string {
  const { value, alt } = node.fields;
  if (typeof value === 'string') return value;
  if (typeof alt === 'string') return alt;
  return node.type === 'break' ? ' ' : node.children.map(plainText).join('');
}

/** All nodes of a type below a node, in the order of the text. */
export function nodesOf(node: MdNode, type: string): MdNode[] {
  return node.children.flatMap((child) => [...(child.type === type ? [child] : []), ...nodesOf(child, type)]);
}

/** The source of a node. */
export function sourceOf(document: MdDocument, node: MdNode): string {
  return document.text.slice(node.start, node.end);
}

/**
 * What stands before a block on its line, as the lines below it repeat it: quote marks stay, bullets become blanks.
 */
export function linePrefix(text: string, position: number): string {
  return text.slice(lineStart(text, position), position).replace(/[^>\s]/g, ' ');
}

/**
 * Finishes an edit of a document: every node that no splice touches must read as before, so a fence that is not closed or a link
 * definition that goes is noticed.
 *
 * @throws BatonError `EDIT_UNVERIFIED`
 */
export function finishMdEdit(document: MdDocument, splices: readonly TextSplice[], matches = 1): Edit {
  const { text } = document;
  const changed = splices.filter((splice) => text.slice(splice.start, splice.end) !== splice.text);
  if (changed.length === 0) return { splices: [], matches };
  const sorted = [...changed].sort((a, b) => a.start - b.start);
  let shift = 0;
  const spans = sorted.map(({ start, end, text: added }) => {
    const span = { start: start + shift, end: start + shift + added.length };
    shift += added.length - (end - start);
    return span;
  });
  const before = untouched(document.root, sorted);
  const after = untouched(parseMarkdown(spliceText(text, sorted)).root, spans);
  const lost = before.find((node, index) => node !== after[index]) ?? after[before.length];
  if (lost !== undefined) {
    throw new BatonError('EDIT_UNVERIFIED', 'the edit changes how other parts of the document read', {
      hint: 'Is a code fence of the new text left open, or a link definition removed that is used elsewhere?',
      details: { part: lost.slice(0, 200) },
    });
  }
  return toEdit(text, sorted, matches);
}

/** The leaves that no span touches, each with what it lies in: a list may lose an item, a paragraph may not become a code block. */
function untouched(node: MdNode, spans: readonly { start: number; end: number }[], inside = ''): string[] {
  return node.children.flatMap((child) => {
    const own = KEPT_FIELDS.has(child.type) || child.children.length === 0 ? JSON.stringify(child.fields) : '';
    const path = `${inside}/${child.type}${own}`;
    if (child.children.length > 0) return untouched(child, spans, path);
    // Neighbours count as touched: a paragraph may go on behind its end.
    return spans.some(({ start, end }) => child.start <= end && child.end >= start) ? [] : [path];
  });
}

/** Nodes around others whose fields no edit of a part changes; a list's first number and looseness may well change. */
const KEPT_FIELDS: ReadonlySet<string> = new Set(['heading', 'link', 'linkReference', 'footnoteReference']);
