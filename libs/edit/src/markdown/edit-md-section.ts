import { BatonError } from '@baton/kernel';
import {
  decodeSource,
  lineEnd,
  lineEndingAt,
  lineStart,
  type TextSplice,
  withLineEnding,
} from '../data/source-text.ts';
import type { MdSectionOperation } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { cutLines } from './cut-lines.ts';
import { exactlyOneVerb, findSection, footOf, type MdSection, sectionsNamed } from './find-section.ts';
import { finishMdEdit, type MdDocument, parseMarkdown, plainText } from './parse-markdown.ts';

/**
 * Edits one section: its heading and all up to the next heading of the same or a higher level. Fences and HTML comments are opaque.
 *
 * `replace` is the new body; a text that begins with a heading of the section's level replaces the heading too. `rename` changes the
 * heading's text alone. `append` puts a text behind all that the section holds. Link definitions at the end of the file stay.
 *
 * @throws BatonError `EDIT_REFUSED`, `EDIT_INVALID`, `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS`, `EDIT_UNVERIFIED`
 */
export function editMdSection(bytes: Uint8Array, operation: MdSectionOperation): Edit {
  exactlyOneVerb(operation, ['replace', 'remove', 'rename', 'append'], 'md.section');
  const document = parseMarkdown(decodeSource(bytes));
  if (isDone(document, operation)) return { splices: [], matches: 1 };
  const section = findSection(document, operation.heading);
  if (operation.rename !== undefined) return renameSection(document, section, operation.rename);
  if (operation.append !== undefined) return finishMdEdit(document, appendTo(document, section, operation.append));
  if (operation.replace !== undefined)
    return finishMdEdit(document, [replaceSection(document, section, operation.replace)]);
  return finishMdEdit(document, [removeSection(document, section)]);
}

/** Whether the section that the edit would make is there, and the one it names is not. */
function isDone(document: MdDocument, { heading, rename, replace }: MdSectionOperation): boolean {
  if (sectionsNamed(document, heading).length > 0) return false;
  const parents = typeof heading === 'string' ? [] : heading.slice(0, -1);
  if (rename !== undefined) return sectionsNamed(document, [...parents, titleIn(rename)]).length === 1;
  const made = replace === undefined ? undefined : firstHeading(replace);
  if (replace === undefined || made === undefined) return false;
  const found = sectionsNamed(document, [...parents, made.title]);
  const [only] = found;
  return found.length === 1 && only !== undefined && textOf(document, only.start, only.end) === normal(replace);
}

function titleIn(line: string): string {
  return plainText(parseMarkdown(`# ${line}`).root).trim();
}

function firstHeading(text: string): { title: string; depth: number } | undefined {
  const first = parseMarkdown(text).root.children[0];
  if (first?.type !== 'heading') return undefined;
  return { title: plainText(first).trim(), depth: Number(first.fields.depth) };
}

function normal(text: string): string {
  return withLineEnding(text, '\n').replace(/^\n+/, '').trimEnd();
}

function textOf({ text }: MdDocument, start: number, end: number): string {
  return normal(text.slice(start, end));
}

function renameSection(document: MdDocument, { heading }: MdSection, title: string): Edit {
  const { text } = document;
  const first = heading.children[0];
  const last = heading.children.at(-1);
  if (/[\r\n]/.test(title) || title.trim() === '' || first === undefined || last === undefined) {
    throw new BatonError('EDIT_INVALID', `expected one line as the new heading, found ${JSON.stringify(title)}`);
  }
  const splices: TextSplice[] = [{ start: first.start, end: last.end, text: title }];
  const line = lineStart(text, heading.end);
  const underline = /^ *(=+|-+)/.exec(text.slice(line, heading.end))?.[1] ?? '';
  // An underline as long as its title stays as long as its title.
  if (line > last.end && underline.length === last.end - first.start) {
    const end = text.indexOf(underline, line) + underline.length;
    splices.push({ start: end - underline.length, end, text: (underline[0] ?? '-').repeat(title.length) });
  }
  return finishMdEdit(document, splices);
}

function removeSection(document: MdDocument, section: MdSection): TextSplice {
  const { text } = document;
  if (section.end < text.length) {
    const before = text.slice(0, section.start);
    // Link definitions below it would go on with the paragraph above it.
    const joins = section.end === footOf(document) && before.trim() !== '' && !/\n[ \t]*\r?\n$/.test(before);
    return { start: section.start, end: section.end, text: joins ? lineEndingAt(text, section.start) : '' };
  }
  return cutLines(text, section.start, section.start + text.slice(section.start, section.end).trimEnd().length);
}

function replaceSection(document: MdDocument, section: MdSection, replacement: string): TextSplice {
  const { text } = document;
  const made = firstHeading(replacement);
  if (made !== undefined && made.depth < section.depth) {
    throw new BatonError(
      'EDIT_INVALID',
      `the section has level ${section.depth}, its replacement begins with level ${made.depth}`,
    );
  }
  const whole = made?.depth === section.depth;
  const ending = lineEndingAt(text, section.body);
  const start = whole ? section.start : lineEnd(text, section.heading.end);
  const source = text.slice(start, section.end);
  const written = withLineEnding(normal(replacement), ending);
  if (normal(source) === normal(replacement)) return { start, end: start, text: '' };
  const blank = source.trim() === '' ? undefined : /^(?:[ \t]*\r?\n)+/.exec(source)?.[0];
  const above = whole ? '' : (blank ?? `${ending}${ending}`);
  return { start, end: start + source.trimEnd().length, text: written === '' ? '' : `${above}${written}` };
}

function appendTo(document: MdDocument, section: MdSection, added: string): TextSplice[] {
  const { text } = document;
  const content = text.slice(section.start, section.end).trimEnd();
  const at = section.start + content.length;
  const ending = lineEndingAt(text, at);
  const written = withLineEnding(normal(added), ending);
  if (written === '' || `${content}\n`.endsWith(`\n${written}\n`)) return [];
  const last = document.root.children.findLast((node) => node.start >= section.start && node.end <= section.end);
  const first = parseMarkdown(added).root.children[0];
  // Items that go on with the list stand right below it, as its others do.
  const goesOn = last?.type === 'list' && first?.type === 'list' && text[last.start] === added.trimStart()[0];
  return [{ start: at, end: at, text: `${goesOn ? ending : ending + ending}${written}` }];
}
