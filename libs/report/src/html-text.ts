import { visibleText } from './text-width.ts';

const MARK = Symbol('html');

/** A piece of a page whose markup is ours: only the functions of this room make one, so no data can pass for one. */
export interface Html {
  readonly [MARK]: string;
}

/** What may stand in a template: text is escaped, pieces stand as they are, lists are joined, undefined is nothing. */
export type HtmlValue = string | number | Html | undefined | readonly HtmlValue[];

/**
 * Makes a piece of a page; whatever is put in is text and never markup. Values may only stand between tags or inside
 * double quotes. Control characters, line ends and those that turn the direction of writing become visible.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let out = strings[0] ?? '';
  for (const [i, value] of values.entries()) out += markup(value) + (strings[i + 1] ?? '');
  return { [MARK]: out };
}

/** Text of several lines, each escaped; line ends stay line ends. */
export function htmlLines(text: string): Html {
  return { [MARK]: text.split(/\r?\n/).map(escapeText).join('\n') };
}

/** The markup of a piece; for whoever writes the page out. */
export function markupOf(piece: Html): string {
  return piece[MARK];
}

/** Bytes that pieces take in a page. */
export function markupSize(pieces: readonly Html[]): number {
  return pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece[MARK]), 0);
}

function markup(value: HtmlValue): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeText(String(value));
  if (isList(value)) return value.map(markup).join('');
  return value[MARK];
}

function isList(value: Html | readonly HtmlValue[]): value is readonly HtmlValue[] {
  return Array.isArray(value);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return visibleText(text.toWellFormed()).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
