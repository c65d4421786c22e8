import { lineEndingAt, withLineEnding } from '../data/source-text.ts';
import { type MdSection, sectionsOf } from '../markdown/find-section.ts';
import { finishMdEdit, type MdDocument, parseMarkdown } from '../markdown/parse-markdown.ts';
import type { Edit } from '../splice.ts';
import { holdsBlock, normalBody } from './changelog-document.ts';

/**
 * Puts a block of Markdown at the end of a section, or of one of its subsections, which is made when it is not there. A block that the
 * section already holds is not put in twice. List items join the list that the section ends with.
 */
export function appendBlock(document: MdDocument, release: MdSection, block: string, subsection?: string): Edit {
  const { text } = document;
  const inner = sectionsOf(document).find(
    ({ title, start, end, depth }) =>
      start > release.start && end <= release.end && depth === release.depth + 1 && title === subsection?.trim(),
  );
  const section = inner ?? release;
  const body = text.slice(section.body, section.end);
  const ending = lineEndingAt(text, section.body);
  const written = withLineEnding(normalBody(block), ending);
  const alone = subsection === undefined || inner !== undefined;
  if (alone && holdsBlock(body, block)) return { splices: [], matches: 1 };
  const other = sectionsOf(document).find(({ start, end }) => start > release.start && end <= release.end);
  const tight = other !== undefined && /^[ \t]*\S/.test(text.slice(other.body, other.end));
  const gap = tight ? ending : ending + ending;
  const added = alone ? written : `${'#'.repeat(release.depth + 1)} ${subsection.trim()}${gap}${written}`;
  const at = section.start + text.slice(section.start, section.end).trimEnd().length;
  // Without a subsection the block stands before those that are there.
  const firstInner = alone && inner === undefined ? other?.start : undefined;
  if (firstInner !== undefined)
    return finishMdEdit(document, [{ start: firstInner, end: firstInner, text: `${written}${ending}${ending}` }]);
  const last = document.root.children.findLast(({ start, end }) => start >= section.body && end <= section.end);
  const first = parseMarkdown(block).root.children[0];
  const goesOn = alone && last?.type === 'list' && first?.type === 'list' && text[last.start] === normalBody(block)[0];
  return finishMdEdit(document, [{ start: at, end: at, text: `${goesOn ? ending : ending + ending}${added}` }]);
}
