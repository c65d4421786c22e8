import { type ByteMark, htmlBytes } from './html-bytes.ts';
import { type Html, html } from './html-text.ts';

/** A line of one side. */
export interface DiffSide {
  /** Number of the line. */
  line: number;
  bytes: Uint8Array;
  marks?: readonly ByteMark[];
  /** Bytes of the line that are not shown. */
  cutBefore?: number;
  cutAfter?: number;
}

/** Lines that stand beside each other: equal, unequal, or on one side only. */
export interface DiffRow {
  kind: 'same' | 'changed' | 'old' | 'new';
  old?: DiffSide;
  new?: DiffSide;
}

/** What the two columns are called. */
export type DiffNames = readonly [old: string, now: string];

/**
 * Two sides in columns under their names; on narrow screens the first stands above the second. Style: {@link DIFF_STYLE}.
 */
export function htmlDiff(rows: readonly DiffRow[], names: DiffNames = ['OLD', 'NEW']): Html {
  const [old, now] = names;
  const note = { same: undefined, changed: sign('differs'), old: sign(`only ${old}`), new: sign(`only ${now}`) };
  const body = rows.map((row) => {
    const twin = row.kind === 'same' && same(row.old, row.new) ? ' twin' : '';
    return html`<tr class="${row.kind}${twin}">${sideCells(old, note[row.kind], row.old)}${sideCells(now, note[row.kind], row.new)}</tr>
`;
  });
  return html`<table class="diff"><colgroup><col class="line"><col><col class="line"><col></colgroup><thead><tr><th scope="col" colspan="2">${old}</th><th scope="col" colspan="2">${now}</th></tr></thead><tbody>
${body}</tbody></table>
`;
}

function sign(meaning: string): Html {
  return html`<span class="sign" aria-label="${meaning}">≠</span>`;
}

function sideCells(name: string, note: Html | undefined, side: DiffSide | undefined): Html {
  if (side === undefined) {
    return html`<td class="n" data-side="${name}"></td><td class="none">nothing here</td>`;
  }
  const before = side.cutBefore === undefined || side.cutBefore === 0 ? undefined : cut(side.cutBefore);
  const after = side.cutAfter === undefined || side.cutAfter === 0 ? undefined : cut(side.cutAfter);
  return html`<td class="n" data-side="${name}">${side.line}${note}</td><td class="b">${before}${htmlBytes(side.bytes, side.marks)}${after}</td>`;
}

function cut(count: number): Html {
  return html`<em>… ${count} bytes …</em>`;
}

function same(one: DiffSide | undefined, other: DiffSide | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.compare(one.bytes, other.bytes) === 0;
}

/** For pages with {@link htmlDiff} or bytes in them. */
export const DIFF_STYLE = `
.diff { table-layout: fixed; font: .82rem/1.6 ui-monospace, monospace; border: 1px solid var(--line); margin: .5rem 0 0; }
.diff th { padding: .2rem .6rem; font: 600 .8rem/1.6 system-ui, sans-serif; color: var(--ink); background: var(--raised); border: 0; }
.diff .line { width: 4.2rem; }
.diff td { border: 0; padding: .05rem .5rem; vertical-align: top; }
.diff .n { color: var(--soft); text-align: right; white-space: nowrap; overflow-wrap: normal; user-select: none; }
.diff .b, .bytes { overflow-wrap: anywhere; unicode-bidi: isolate; }
.diff .none, .diff em, .bytes em { color: var(--soft); font-style: italic; }
.diff .sign { padding-left: .35rem; font-weight: 700; color: var(--bad); }
.diff tr:is(.changed, .old, .new) td { background: var(--bad-ground); }
:is(.diff, .bytes, .legend) i { font-style: normal; color: var(--soft); opacity: .85; }
:is(.diff, .bytes, .legend) b { font-weight: 600; font-size: .92em; padding: 0 .2em; border: 1px solid currentColor; border-radius: .25em; white-space: nowrap; }
:is(.diff, .bytes, .legend) b.raw { color: var(--bad); border-style: solid; }
:is(.diff, .bytes, .legend) b.fffd { color: var(--open); background: var(--open-ground); border-style: double; border-width: 3px; line-height: 1; }
:is(.diff, .bytes, .legend) u { text-decoration: none; padding: 0 .3em; border-radius: .7em; color: var(--note); background: var(--note-ground); box-shadow: inset 0 0 0 1px var(--line); }
:is(.diff, .bytes, .legend) mark { color: inherit; background: color-mix(in srgb, var(--bad) 22%, transparent); box-shadow: 0 .2em 0 var(--bad); border-radius: .1em; padding: 0 .1em; }
:is(.diff, .bytes) mark:empty { padding: 0 .15em; background: var(--bad); }
/* The pictures of control characters are missing in many fonts: their letters are drawn in their place. */
:is(.cr, .lf, .nul)::after { font-size: .66rem; letter-spacing: -.02em; }
:is(.diff, .bytes, .legend) :is(.cr, .lf, .nul) { font-size: 0; }
.cr::after { content: "CR"; }
.lf::after { content: "LF"; }
.nul::after { content: "NUL"; }
:is(.diff, .bytes, .legend) b.nul { border: 0; padding: 0; }
:is(.cr, .lf, .nul)::after { padding: 0 .2em; border: 1px dotted currentColor; border-radius: .25em; }
.nul::after { border-style: solid; }
.legend { color: var(--soft); font-size: .82rem; margin: .4rem 0 0; }
.legend :is(i, b, u, mark) { margin-left: .6rem; color: var(--ink); }
@media (max-width: 44rem) {
  .diff thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .diff, .diff tbody { display: block; }
  .diff colgroup { display: none; }
  .diff tr { display: grid; grid-template-columns: 4.6rem 1fr; border-top: 1px solid var(--line); }
  .diff .n { text-align: left; }
  .diff .n::before { content: attr(data-side) " "; font-weight: 600; }
  .diff .twin td:nth-child(n+3) { display: none; }
}
`;
