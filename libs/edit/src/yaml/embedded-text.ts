import { lineEnd, lineStart, nextLine } from './lines.ts';
import { endingAt } from './style.ts';
import type { TextEdit } from './text-edits.ts';
import type { YamlNode } from './yaml-tree.ts';

/** The text of a literal block scalar with the places of its lines in the file. */
export interface EmbeddedText {
  text: string;
  /** Columns that its lines are indented by. */
  indent: number;
  ending: string;
  /** For each line: where it begins in the inner text, and where its first character and its end are in the file. */
  lines: readonly { inner: number; outer: number; end: number; lacks: number }[];
}

/** Reads a literal block scalar: its value is what the parser says, its lines are those of the file. */
export function embeddedText(text: string, node: YamlNode): EmbeddedText {
  const value = String(node.value);
  const first = nextLine(text, node.header ?? node.content);
  const starts: number[] = [];
  for (let at = first; at < node.end; at = nextLine(text, at)) starts.push(at);
  const indent = indentOf(text, starts, value);
  let inner = 0;
  const lines = starts.map((start) => {
    const end = lineEnd(text, start);
    const spaces = Math.min(indent, end - start);
    const line = { inner, outer: start + spaces, end, lacks: indent - spaces };
    inner += end - line.outer + 1;
    return line;
  });
  return {
    text: value,
    indent,
    ending: endingAt(text, first),
    lines: lines.filter(({ inner: at }) => at <= value.length),
  };
}

/** An edit of the inner text as one of the file. */
export function outerEdit(text: string, inner: EmbeddedText, edit: TextEdit): TextEdit {
  const { start, end, text: added } = onLinesOfTheFile(inner.text, edit);
  const pad = ' '.repeat(inner.indent);
  const wholeLines = added === '' || added.endsWith('\n');
  const [top, bottom] = [start, end].map((at) => inner.lines.find((line) => line.inner === at));
  if (wholeLines && top !== undefined && bottom !== undefined) {
    const lines = added.split('\n').slice(0, -1);
    const written = lines.map((line) => `${line === '' ? '' : pad}${line}${inner.ending}`).join('');
    return { start: lineStart(text, top.outer), end: lineStart(text, bottom.outer), text: written };
  }
  const from = outerPlace(inner, start);
  const to = outerPlace(inner, end);
  const [head = '', ...rest] = added.split('\n');
  const joins = text.slice(to.at, lineEnd(text, to.at)) !== '';
  const lines = rest.map((line, index) => {
    const open = line === '' && !(joins && index === rest.length - 1);
    return `${inner.ending}${open ? '' : pad}${line}`;
  });
  return { start: from.at, end: to.at, text: `${head === '' ? '' : ' '.repeat(from.lacks)}${head}${lines.join('')}` };
}

/** Behind the last line ending there is no line of the file: an edit there is moved in front of that ending. */
function onLinesOfTheFile(inner: string, edit: TextEdit): TextEdit {
  const { start, end, text } = edit;
  if (!inner.endsWith('\n') || end < inner.length) return edit;
  if (start > 0 && inner[start - 1] === '\n' && (text === '' || text.endsWith('\n'))) {
    return { start: start - 1, end: end - 1, text: text === '' ? '' : `\n${text.slice(0, -1)}` };
  }
  return { start, end: end - 1, text: text.replace(/\n$/, '') };
}

function outerPlace({ lines }: EmbeddedText, at: number): { at: number; lacks: number } {
  const line = lines.findLast(({ inner }) => inner <= at);
  if (line === undefined) throw new RangeError('a block scalar without lines has no place to edit');
  return { at: Math.min(line.outer + at - line.inner, line.end), lacks: at === line.inner ? line.lacks : 0 };
}

/** The first line that is not blank shows it, next to the same line of the value. */
function indentOf(text: string, starts: readonly number[], value: string): number {
  const lines = value.split('\n');
  const index = lines.findIndex((line) => line.trim() !== '');
  const start = starts[index];
  if (start === undefined) return 0;
  return lineEnd(text, start) - start - (lines[index]?.length ?? 0);
}
