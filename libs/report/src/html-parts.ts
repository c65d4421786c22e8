import type { HtmlState } from './html-page.ts';
import { type Html, type HtmlValue, html, htmlLines } from './html-text.ts';
import type { TreeNode } from './tree.ts';

/** A part of a page under a heading of its own. */
export function htmlSection(title: string, ...parts: readonly Html[]): Html {
  return html`<section>
<h2>${title}</h2>
${parts}</section>
`;
}

/** Names and their values. */
export function htmlFacts(rows: readonly (readonly [name: string, value: string])[]): Html {
  const items = rows.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
  );
  return html`<dl>
${items}</dl>
`;
}

/** A row of a table: how it stands, said in a word as well as in colour, and its cells. */
export interface HtmlRow {
  state: HtmlState;
  word: string;
  cells: readonly string[];
}

/**
 * A table of findings. With script it gets a field that keeps the rows that hold a text, and a box that hides what is
 * good. On narrow screens each row stands as a block, its last cell below the others.
 */
export function htmlTable(header: readonly string[], rows: readonly HtmlRow[]): Html {
  const head = html`<tr><th scope="col">Result</th>${header.map((name) => html`<th scope="col">${name}</th>`)}</tr>`;
  const body = rows.map(({ state, word, cells }) => {
    const rest = cells.map((cell) => html`<td>${cell}</td>`);
    return html`<tr class="${state}"><td><span class="chip">${word}</span></td>${rest}</tr>
`;
  });
  return html`<table data-filter>
<thead>${head}</thead>
<tbody>
${body}</tbody>
</table>
`;
}

/** A tree that opens and closes; deep ones are open for the first `open` levels. */
export function htmlTree(roots: readonly TreeNode[], open = 2): Html {
  const node = ({ label, children = [] }: TreeNode, depth: number): Html =>
    children.length === 0
      ? html`<li>${label}</li>
`
      : html`<li><details${depth < open ? html` open` : ''}><summary>${label}</summary><ul>
${children.map((child) => node(child, depth + 1))}</ul></details></li>
`;
  return html`<ul class="tree">
${roots.map((root) => node(root, 0))}</ul>
`;
}

/** A block of output, as it came, that opens on demand. */
export function htmlOutput(title: string, text: string): Html {
  return html`<details class="output"><summary>${title}</summary><pre tabindex="0">${htmlLines(text)}</pre></details>
`;
}

/** A sentence. */
export function htmlText(...values: readonly HtmlValue[]): Html {
  return html`<p>${values}</p>
`;
}
