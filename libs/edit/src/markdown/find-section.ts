import { BatonError } from '@baton/kernel';
import { lineStart, nextLine } from '../data/source-text.ts';
import { type MdDocument, type MdNode, plainText, sourceOf } from './parse-markdown.ts';

/** A heading with all up to the next one of the same or a higher level. */
export interface MdSection {
  heading: MdNode;
  depth: number;
  title: string;
  start: number;
  /** The first line below the heading. */
  body: number;
  end: number;
  /** Titles of the sections it lies in, from the outside in. */
  parents: readonly string[];
}

/** All sections of a document, in its order. Link definitions at the end of the file belong to none. */
export function sectionsOf(document: MdDocument): MdSection[] {
  const { root, text } = document;
  const foot = footOf(document);
  const sections: MdSection[] = [];
  // The sections that the place reached lies in, from the outside in.
  const open: MdSection[] = [];
  for (const heading of root.children.filter(({ type }) => type === 'heading')) {
    const depth = Number(heading.fields.depth);
    const start = lineStart(text, heading.start);
    for (let last = open.at(-1); last !== undefined && last.depth >= depth; last = open.at(-1)) {
      last.end = start;
      open.pop();
    }
    const parents = open.map(({ title }) => title);
    const section = {
      heading,
      depth,
      title: titleOf(heading),
      start,
      body: 0,
      end: Math.max(foot, heading.end),
      parents,
    };
    sections.push(section);
    open.push(section);
  }
  for (const section of sections) section.body = Math.min(section.end, nextLine(text, section.heading.end));
  return sections;
}

/** Where the link definitions begin that the file ends with; its length when there are none. */
export function footOf({ root, text }: MdDocument): number {
  const last = root.children.findLastIndex(({ type }) => type !== 'definition');
  const first = root.children[last + 1];
  return first === undefined ? text.length : lineStart(text, first.start);
}

function titleOf(heading: MdNode): string {
  return plainText(heading).trim().replace(/\s+/g, ' ');
}

/** The sections that a heading names: its text with or without markup, or texts from the outside in (levels may be left out). */
export function sectionsNamed(document: MdDocument, heading: string | readonly string[]): MdSection[] {
  const names = typeof heading === 'string' ? [heading] : heading;
  const wanted = names.map((name) => name.trim().replace(/\s+/g, ' '));
  const last = wanted.at(-1);
  return sectionsOf(document).filter((section) => {
    const first = section.heading.children[0];
    const source = first === undefined ? '' : document.text.slice(first.start, section.heading.children.at(-1)?.end);
    if (section.title !== last && source !== last) return false;
    let at = 0;
    for (const parent of section.parents) if (parent === wanted[at] && at < wanted.length - 1) at += 1;
    return at === wanted.length - 1;
  });
}

/** The one section that a heading names. @throws BatonError `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS` */
export function findSection(document: MdDocument, heading: string | readonly string[]): MdSection {
  const found = sectionsNamed(document, heading);
  const [section] = found;
  const name = JSON.stringify(typeof heading === 'string' ? heading : heading.join(' > '));
  if (section === undefined) {
    const titles = sectionsOf(document).map(({ title }) => title);
    throw new BatonError('EDIT_NO_MATCH', `expected a section ${name}, found none`, {
      hint: titles.length === 0 ? 'The file has no headings.' : `Its headings: ${titles.slice(0, 12).join(', ')}`,
    });
  }
  if (found.length > 1) {
    throw new BatonError('EDIT_AMBIGUOUS', `expected one section ${name}, found ${found.length}`, {
      hint: `Name the headings it lies in too: ${found.map(({ parents, title }) => JSON.stringify([...parents, title])).join(' or ')}`,
    });
  }
  return section;
}

/** The part of a document that `under` names: a section, or all of it. */
export function rangeUnder(
  document: MdDocument,
  under: string | readonly string[] | undefined,
): { start: number; end: number } {
  return under === undefined ? { start: 0, end: document.text.length } : findSection(document, under);
}

/** The one of several candidates, or the error that says what was looked for. @throws BatonError `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS` */
export function exactlyOne<Found>(
  document: MdDocument,
  found: readonly Found[],
  what: string,
  node: (item: Found) => MdNode,
): Found {
  const [only] = found;
  if (only === undefined) throw new BatonError('EDIT_NO_MATCH', `expected ${what}, found none`);
  if (found.length > 1) {
    const lines = found.map((item) => document.text.slice(0, node(item).start).split('\n').length);
    throw new BatonError('EDIT_AMBIGUOUS', `expected ${what}, found ${found.length}: lines ${lines.join(', ')}`, {
      hint: `The first reads: ${sourceOf(document, node(only)).split('\n')[0]}`,
    });
  }
  return only;
}

/** Fails unless an operation has exactly one of the verbs. @throws BatonError `EDIT_INVALID` */
export function exactlyOneVerb(operation: object, verbs: readonly string[], name: string): void {
  const found = verbs.filter((verb) => verb in operation);
  if (found.length === 1) return;
  throw new BatonError(
    'EDIT_INVALID',
    `${name} needs exactly one of ${verbs.join(', ')}; found ${found.join(', ') || 'none'}`,
  );
}
