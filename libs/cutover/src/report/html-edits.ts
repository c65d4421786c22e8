import { displayPath } from '@baton/git';
import { plural } from '@baton/kernel';
import { type DiffRow, type Html, html, htmlDiff, htmlText } from '@baton/report';
import type { DiffHunk, FileEdit } from '../model/plan.ts';
import { editWords, inOrder } from './words.ts';

/** Lines of one file's diff on a page; more is counted. */
const LINES = 600;

/** Each edited file: which operations change it, and the lines before and after beside each other. */
export function editsHtml(edits: readonly FileEdit[]): Html {
  return html`${inOrder(edits).map(editHtml)}`;
}

function editHtml(edit: FileEdit): Html {
  const operations = edit.operations.map(
    ({ operation, matches, reason, note }) =>
      html`<li><code>${operation}</code>: ${note ?? plural(matches, 'place')}${reason === undefined ? '' : `, because ${reason}`}</li>`,
  );
  return html`<details class="edit" id="${edit.path}" open><summary>${editWords(edit)}</summary><ul>${operations}</ul>
${content(edit)}</details>
`;
}

function content({ diff, from, path }: FileEdit): Html {
  if (diff === undefined) return htmlText('The content is binary.');
  if (diff.length === 0) return htmlText('No line differs.');
  const rows = diff.flatMap(hunkRows);
  const drawn = htmlDiff(rows.slice(0, LINES), ['OLD', 'NEW']);
  const more = rows.length - LINES;
  const what = from === undefined ? displayPath(path) : `${displayPath(from)} and ${displayPath(path)}`;
  return more <= 0 ? drawn : html`${drawn}${htmlText(`And ${plural(more, 'more line')} of ${what}.`)}`;
}

/** The lines of a hunk in two columns: a run of removed lines stands beside the run of added ones that follows it. */
export function hunkRows(hunk: DiffHunk): DiffRow[] {
  const rows: DiffRow[] = [];
  let old = hunk.oldStart;
  let now = hunk.newStart;
  let removed: Buffer[] = [];
  let added: Buffer[] = [];
  const flush = (): void => {
    for (let i = 0; i < Math.max(removed.length, added.length); i += 1) {
      const [before, after] = [removed[i], added[i]];
      const left = before === undefined ? {} : { old: { line: old + i, bytes: before } };
      const right = after === undefined ? {} : { new: { line: now + i, bytes: after } };
      rows.push({ kind: before === undefined ? 'new' : after === undefined ? 'old' : 'changed', ...left, ...right });
    }
    old += removed.length;
    now += added.length;
    removed = [];
    added = [];
  };
  for (const line of hunk.lines) {
    const bytes = Buffer.from(line.slice(1));
    if (line.startsWith('-')) {
      if (added.length > 0) flush();
      removed.push(bytes);
    } else if (line.startsWith('+')) added.push(bytes);
    else if (line.startsWith(' ')) {
      flush();
      rows.push({ kind: 'same', old: { line: old++, bytes }, new: { line: now++, bytes } });
    }
  }
  flush();
  return rows;
}

/** For pages with {@link editsHtml}. */
export const EDITS_STYLE = `
.edit { margin: 0 0 1.4rem; }
.edit summary { font-weight: 600; overflow-wrap: anywhere; }
.edit ul { margin: .3rem 0 .5rem; font-size: .88rem; }
`;
