import { type Html, html } from './html-text.ts';
import { type BytePiece, visibleBytes } from './visible-bytes.ts';

/** A run of bytes that stands out: what differs, or a token that may differ. */
export interface ByteMark {
  /** Index of the first byte, and behind the last one; the same where something is missing. */
  from: number;
  to: number;
  kind: 'differs' | 'token';
  /** Shown when the pointer rests on it. */
  title?: string;
}

/** Bytes in which everything can be seen (style: {@link DIFF_STYLE}): a dot for a space, arrows and pictures for white space, chips for the rest. */
export function htmlBytes(bytes: Uint8Array, marks: readonly ByteMark[] = []): Html {
  const out: Html[] = [];
  let at = 0;
  for (const mark of marks) {
    if (mark.from > at) out.push(...pieces(bytes, at, mark.from));
    const inside = pieces(bytes, Math.max(at, mark.from), mark.to);
    const title = mark.title === undefined ? undefined : html` title="${mark.title}"`;
    if (mark.kind === 'differs') out.push(html`<mark${title}>${inside}</mark>`);
    else if (inside.length > 0) out.push(html`<u${title}>${inside}</u>`);
    at = Math.max(at, mark.to);
  }
  out.push(...pieces(bytes, at, bytes.length));
  return html`${out}`;
}

/** What the marks mean, for beneath a view. */
export function htmlBytesLegend(): Html {
  return html`<p class="legend"><i>·</i> space <i>→</i> tab <i class="cr">␍</i> carriage return <i class="lf">␊</i> line end <b class="nul">␀</b> NUL <b>\\x1b</b> control character
<b class="raw">\\xC3</b> byte that is no UTF-8 <b class="fffd">U+FFFD</b> a real replacement character
<u>12:00</u> token <mark>this</mark> differs</p>
`;
}

function pieces(bytes: Uint8Array, from: number, to: number): Html[] {
  return visibleBytes(bytes.subarray(from, to)).flatMap((piece) => {
    const drawn = pieceHtml(piece);
    const isBreak = piece.kind === 'lf' && from + piece.at < bytes.length - 1;
    return isBreak ? [drawn, html`<br>`] : [drawn];
  });
}

function pieceHtml({ kind, text }: BytePiece): Html {
  switch (kind) {
    case 'text':
      return html`${text.replaceAll('\\\\', '\\')}`;
    case 'space':
      return html`<i>${'·'.repeat(text.length)}</i><wbr>`;
    case 'tab':
      return html`<i>→</i><wbr>`;
    case 'cr':
      return html`<i class="cr">␍</i>`;
    case 'lf':
      return html`<i class="lf">␊</i>`;
    case 'nul':
      return html`<b class="nul">␀</b>`;
    case 'control':
      return html`<b>${text}</b>`;
    case 'invalid':
      return html`<b class="raw">${`\\x${text.slice(2).toUpperCase()}`}</b>`;
    case 'replacement':
      return html`<b class="fffd">U+FFFD</b>`;
  }
}
