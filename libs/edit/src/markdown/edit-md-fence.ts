import { BatonError } from '@baton/kernel';
import {
  decodeSource,
  lineEnd,
  lineEndingAt,
  lineStart,
  nextLine,
  spliceText,
  type TextSplice,
  withLineEnding,
} from '../data/source-text.ts';
import type { MdFenceOperation } from '../operations.ts';
import { applySplices, type Edit, type Splice } from '../splice.ts';
import { editLines } from '../text/lines.ts';
import { editReplace } from '../text/replace.ts';
import { cutLines } from './cut-lines.ts';
import { exactlyOne, exactlyOneVerb, rangeUnder } from './find-section.ts';
import { finishMdEdit, linePrefix, type MdDocument, type MdNode, nodesOf, parseMarkdown } from './parse-markdown.ts';

/**
 * Edits the inside of one fenced code block, found by its language and by text that it holds. Only lines that change are written;
 * they take the indentation or quote marks that the fence stands behind.
 *
 * @throws BatonError `EDIT_REFUSED`, `EDIT_INVALID`, `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS`, `EDIT_UNVERIFIED`, and those of `lines` and `replace`
 */
export function editMdFence(bytes: Uint8Array, operation: MdFenceOperation): Edit {
  exactlyOneVerb(operation, ['replace', 'remove', 'ops'], 'md.fence');
  const document = parseMarkdown(decodeSource(bytes));
  const range = rangeUnder(document, operation.under);
  const { lang, match, replace, ops } = operation;
  const fences = nodesOf(document.root, 'code').filter(
    (node) =>
      node.start >= range.start &&
      node.end <= range.end &&
      /^(?:```|~~~)/.test(document.text.slice(node.start, node.start + 3)) &&
      (lang === undefined || node.fields.lang === lang),
  );
  const found = fences.filter((node) => match === undefined || codeOf(node).includes(match));
  if (replace !== undefined && found.length === 0) {
    if (fences.filter((node) => codeOf(node) === linesIn(replace).join('\n')).length === 1)
      return { splices: [], matches: 1 };
  }
  const said = [
    lang === undefined ? 'one code fence' : `one code fence of ${lang}`,
    match === undefined ? '' : ` with ${JSON.stringify(match)}`,
  ];
  const fence = exactlyOne(document, found, said.join(''), (node) => node);
  if (replace !== undefined) return rewrite(document, fence, linesIn(replace), 1);
  if (ops === undefined) return finishMdEdit(document, [cutLines(document.text, fence.start, fence.end)]);
  const inside = Buffer.from(codeOf(fence) === '' ? '' : `${codeOf(fence)}\n`);
  const edits = ops.map((edit) =>
    'lines' in edit ? editLines(inside, edit.lines) : editReplace(inside, edit.replace),
  );
  const splices: Splice[] = edits.flatMap((edit) => edit.splices);
  const matches = edits.reduce((sum, edit) => sum + edit.matches, 0);
  return rewrite(document, fence, linesIn(applySplices(inside, splices).toString()), matches);
}

function codeOf(node: MdNode): string {
  return withLineEnding(String(node.fields.value ?? ''), '\n');
}

function linesIn(text: string): string[] {
  const lines = withLineEnding(text, '\n').replace(/\n$/, '');
  return lines === '' ? [] : lines.split('\n');
}

function rewrite(document: MdDocument, fence: MdNode, wanted: readonly string[], matches: number): Edit {
  const { text } = document;
  const prefix = linePrefix(text, fence.start);
  const bounds = lineBounds(document, fence);
  const old = codeOf(fence) === '' && bounds.lines.length === 0 ? [] : codeOf(fence).split('\n');
  let head = 0;
  while (head < old.length && head < wanted.length && old[head] === wanted[head]) head += 1;
  let tail = 0;
  const shorter = Math.min(old.length, wanted.length) - head;
  while (tail < shorter && old[old.length - 1 - tail] === wanted[wanted.length - 1 - tail]) tail += 1;
  const ending = lineEndingAt(text, bounds.start);
  const added = wanted
    .slice(head, wanted.length - tail)
    .map((line) => (line === '' ? prefix.trimEnd() : prefix + line) + ending);
  const splice: TextSplice = {
    start: bounds.lines[head] ?? bounds.end,
    end: bounds.lines[old.length - tail] ?? bounds.end,
    text: added.join(''),
  };
  const result = parseMarkdown(spliceText(text, [splice])).root;
  const made = nodesOf(result, 'code').find(({ start }) => start === fence.start);
  if (made === undefined || codeOf(made) !== wanted.join('\n')) {
    throw new BatonError('EDIT_INVALID', 'the new text of the code block would end its fence', {
      hint: 'Give the block a longer fence first: its text has a line of the same marks.',
    });
  }
  return finishMdEdit(document, [splice], matches);
}

/** Where the lines inside a fence begin, and where its closing line does. */
function lineBounds({ text }: MdDocument, fence: MdNode): { start: number; end: number; lines: number[] } {
  const start = nextLine(text, fence.start);
  const last = lineStart(text, fence.end);
  const marks = /^(?:`+|~+)/.exec(text.slice(fence.start))?.[0] ?? '```';
  const closed =
    last > fence.start &&
    text
      .slice(last, lineEnd(text, last))
      .replace(/^[>\s]*/, '')
      .startsWith(marks);
  if (!closed) {
    throw new BatonError('EDIT_REFUSED', 'the code fence has no closing line', { hint: 'Close it in the file first.' });
  }
  const lines: number[] = [];
  for (let at = start; at < last; at = nextLine(text, at)) lines.push(at);
  return { start, end: last, lines };
}
