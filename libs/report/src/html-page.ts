import { createHash } from 'node:crypto';
import { PAGE_SCRIPT, PAGE_STYLE } from './html-assets.ts';
import { type Html, html, markupOf } from './html-text.ts';

/** How something stands: `good`, `bad`, `note` (to be known), `open` (nobody could tell). */
export type HtmlState = 'good' | 'bad' | 'note' | 'open';

/** A page: its name, what came of it, and its parts in order. */
export interface HtmlPage {
  /** What it is about: the heading, and the title of the window. */
  title: string;
  /** What kind of page it is: 'Image verification'. */
  kind: string;
  /** The answer in one word and one sentence. */
  verdict: { state: HtmlState; word: string; text: string };
  parts: readonly Html[];
  /** More style and script, fixed texts of the room that draws the page: never made from data. */
  styles?: readonly string[];
  scripts?: readonly string[];
}

/**
 * One self-contained HTML page: no network, and a content security policy that lets only its own style and script run.
 * Reads without script, in light and dark, by keyboard, from 390 pixels of width. Equal values give equal bytes.
 */
export function htmlPage({ title, kind, verdict, parts, styles = [], scripts = [] }: HtmlPage): string {
  const allStyles = [PAGE_STYLE, ...styles];
  const allScripts = [PAGE_SCRIPT, ...scripts];
  const policy = [
    "default-src 'none'",
    `style-src ${allStyles.map(sourceHash).join(' ')}`,
    `script-src ${allScripts.map(sourceHash).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const head = html`<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${verdict.word}: ${title}</title>
`;
  const body = html`<main>
<header>
<p class="kind">${kind}</p>
<h1>${title}</h1>
<p class="verdict ${verdict.state}"><strong>${verdict.word}</strong> <span>${verdict.text}</span></p>
</header>
${parts}</main>
`;
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n',
    markupOf(head),
    ...allStyles.map((style) => `<style>${style}</style>\n`),
    '</head>\n<body>\n',
    markupOf(body),
    ...allScripts.map((script) => `<script>${script}</script>\n`),
    '</body>\n</html>\n',
  ].join('');
}

function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
