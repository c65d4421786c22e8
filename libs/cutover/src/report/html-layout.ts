import { displayPath } from '@baton/git';
import { plural } from '@baton/kernel';
import { type Html, html } from '@baton/report';
import type { CutoverPlan } from '../model/plan.ts';

/** One path of a side: what happens to it, said in a word, and where it goes or came from. */
interface LayoutRow {
  path: string;
  word: 'deleted' | 'moved' | 'replaced' | 'edited' | 'new' | 'generated';
  text: string;
}

/** The repository before and after, side by side: every path that something happens to, and how many others there are. */
export function layoutHtml(plan: CutoverPlan): Html {
  const { input, output, kept } = plan.accounting;
  return html`<div class="layout">${side('Before', input, before(plan), kept)}${side('After', output, after(plan), kept)}</div>
`;
}

function before(plan: CutoverPlan): LayoutRow[] {
  const rows = new Map<string, LayoutRow>();
  for (const { kind, entries } of plan.paths) {
    for (const { from, to, files, onto } of entries) {
      if (onto === 'replaced' && to !== undefined) rows.set(to, { path: to, word: 'replaced', text: '' });
      if (from === undefined) continue;
      const size = files === 1 ? '' : `${plural(files, 'file')} `;
      if (to === undefined) rows.set(from, { path: from, word: 'deleted', text: size });
      else if (from !== to && kind !== 'mode') {
        rows.set(from, { path: from, word: 'moved', text: `${size}→ ${displayPath(to)}` });
      }
    }
  }
  for (const { path, from } of plan.edits) {
    if (from === path && !rows.has(path)) rows.set(path, { path, word: 'edited', text: '' });
  }
  return sorted(rows);
}

function after(plan: CutoverPlan): LayoutRow[] {
  const rows = new Map<string, LayoutRow>();
  for (const { entries } of plan.paths) {
    for (const { from, to, files, onto } of entries) {
      if (to === undefined) continue;
      const size = files === 1 ? '' : `${plural(files, 'file')} `;
      const place = onto === undefined || onto === 'absent' ? '' : `, in place of what is ${onto}`;
      if (from === undefined) rows.set(to, { path: to, word: 'new', text: `${size}${place}` });
      else if (from !== to) rows.set(to, { path: to, word: 'moved', text: `${size}from ${displayPath(from)}${place}` });
    }
  }
  for (const { path, added, removed, from } of plan.edits) {
    const known = rows.get(path);
    const lines = `+${added} -${removed}`;
    if (known !== undefined) rows.set(path, { ...known, text: `${known.text}, edited ${lines}` });
    else rows.set(path, { path, word: from === undefined ? 'new' : 'edited', text: lines });
  }
  for (const { path, after: id } of plan.generated) {
    if (id !== undefined) rows.set(path, { path, word: 'generated', text: '' });
  }
  return sorted(rows);
}

function sorted(rows: ReadonlyMap<string, LayoutRow>): LayoutRow[] {
  return [...rows.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function side(name: string, total: number, rows: readonly LayoutRow[], kept: number): Html {
  const items = rows.map(
    ({ path, word, text }) =>
      html`<li class="${word}"><span class="word">${word}</span> <code>${displayPath(path)}</code> ${text}</li>
`,
  );
  return html`<section aria-label="${name}"><h3>${name}: ${plural(total, 'file')}</h3><ul>${items}</ul>
<p>${plural(kept, 'file')} stay where they are.</p></section>`;
}

/** For pages with {@link layoutHtml}. */
export const LAYOUT_STYLE = `
.layout { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem 2rem; }
.layout h3 { margin: .2rem 0 .4rem; font-size: 1rem; }
.layout ul { list-style: none; margin: 0; padding: 0; }
.layout li { padding: .18rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; font-size: .88rem; }
.layout .word { display: inline-block; min-width: 5.2rem; font-weight: 600; font-size: .8rem; }
.layout .deleted .word, .layout .replaced .word { color: var(--bad); }
.layout :is(.deleted, .replaced) code { text-decoration: line-through; }
.layout .new .word, .layout .generated .word { color: var(--good); }
.layout .moved .word { color: var(--note); }
@media (max-width: 800px) { .layout { grid-template-columns: 1fr; } }
`;
