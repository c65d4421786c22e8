import { BatonError } from '@baton/kernel';
import { withLineEnding } from '../data/source-text.ts';
import { sectionsNamed } from '../markdown/find-section.ts';
import { finishMdEdit, parseMarkdown } from '../markdown/parse-markdown.ts';
import type { NotesOperation } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { appendBlock } from './append-block.ts';
import { refuseBanner } from './banner.ts';
import { headingStyle, normalBody, readChangelog, releaseOf, versionIn } from './changelog-document.ts';

/**
 * Puts a text below a heading of a release-notes file: behind what stands there. A heading that is not there is made above the newest
 * release, otherwise at the end; an empty file gets a title too. A text that is there already changes nothing.
 *
 * @throws BatonError `EDIT_REFUSED` when the file says that a tool owns it; `EDIT_INVALID`, `EDIT_AMBIGUOUS`, `EDIT_UNVERIFIED`
 */
export function insertNotes(bytes: Uint8Array, { under, text }: NotesOperation): Edit {
  const document = readChangelog(bytes);
  refuseBanner(document.head, document.text);
  if (normalBody(text) === '' || under.trim() === '' || /[\r\n]/.test(under)) {
    throw new BatonError('EDIT_INVALID', 'notes need a heading of one line and a text');
  }
  const named = sectionsNamed(document, under);
  if (named.length > 1) {
    throw new BatonError('EDIT_AMBIGUOUS', `expected one heading ${JSON.stringify(under)}, found ${named.length}`);
  }
  const section = named[0] ?? (versionIn(under) === undefined ? undefined : releaseOf(document, under));
  const { depth } = section ?? headingStyle(document, false, '', '');
  const first = parseMarkdown(text).root.children.find(
    (node) => node.type === 'heading' && Number(node.fields.depth) <= depth,
  );
  if (first !== undefined) {
    throw new BatonError(
      'EDIT_INVALID',
      `the notes have a heading of level ${String(first.fields.depth)}, which would end their section`,
    );
  }
  if (section !== undefined) return appendBlock(document, section, text);
  const { ending, foot, releases } = document;
  const written = `${'#'.repeat(depth)} ${under.trim()}${ending}${ending}${withLineEnding(normalBody(text), ending)}`;
  const [newest] = releases;
  if (newest !== undefined) {
    return finishMdEdit(document, [{ start: newest.start, end: newest.start, text: `${written}${ending}${ending}` }]);
  }
  const content = document.text.slice(0, foot).trimEnd();
  if (content === '') {
    const at = document.text.startsWith('\ufeff') ? 1 : 0;
    const rest = foot < document.text.length ? ending : '';
    return finishMdEdit(document, [
      {
        start: at,
        end: at,
        text: `# Release notes${ending}${ending}${written}${ending}${rest}`,
      },
    ]);
  }
  return finishMdEdit(document, [{ start: content.length, end: content.length, text: `${ending}${ending}${written}` }]);
}
