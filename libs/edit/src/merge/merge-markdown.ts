import { BatonError } from '@baton/kernel';
import { decodeSource, lineEnd, lineEndingAt, lineStart, withLineEnding } from '../data/source-text.ts';
import { footOf, sectionsOf } from '../markdown/find-section.ts';
import { type MdDocument, nodesOf, parseMarkdown, sourceOf } from '../markdown/parse-markdown.ts';

/** A heading with its own text, up to the next heading of any level. */
interface Part {
  path: readonly string[];
  heading: string;
  /** Its blocks, as the source has them. */
  blocks: string[];
  /** Its source when nothing is added to it. */
  source: string;
}

interface Outline {
  /** Front matter, and all above the first heading. */
  matter: string;
  parts: Part[];
  /** Link definitions at the end of the file. */
  links: string[];
  foot: string;
}

/**
 * Joins two documents by heading: under a heading that both have, our blocks and then those of theirs that ours lack; a heading that
 * only theirs has comes last among the headings it lies below.
 *
 * @throws BatonError `EDIT_AMBIGUOUS` for front matter or link definitions that say different things, all listed
 */
export function mergeMarkdown(ours: Uint8Array, theirs: Uint8Array): Buffer {
  const ourText = decodeSource(ours);
  const ending = lineEndingAt(ourText, 0);
  const our = outlineOf(parseMarkdown(ourText));
  const their = outlineOf(parseMarkdown(withLineEnding(decodeSource(theirs).replace(/^\ufeff/, ''), ending)));
  refuseConflicts(our, their);
  const parts = [...our.parts];
  let changed = false;
  for (const part of their.parts) {
    const index = parts.findIndex(({ path }) => samePath(path, part.path));
    const own = parts[index];
    if (own === undefined) {
      const parent = part.path.slice(0, -1);
      const last =
        parent.length === 0 ? -1 : parts.findLastIndex(({ path }) => samePath(path.slice(0, parent.length), parent));
      parts.splice(last < 0 ? parts.length : last + 1, 0, part);
      changed = true;
      continue;
    }
    const added = part.blocks.filter((block) => !own.blocks.includes(block));
    if (added.length === 0) continue;
    parts[index] = {
      ...own,
      source: [own.source.trimEnd(), ...added].filter((text) => text !== '').join(ending + ending) + ending,
    };
    changed = true;
  }
  const links = their.links.filter((link) => !our.links.includes(link));
  const matter = our.matter === '' ? their.matter : our.matter;
  if (!changed && links.length === 0 && matter === our.matter) return Buffer.from(ours);
  const sources = parts.map(({ source }) => source).filter((source) => source !== '');
  let text = '';
  for (const source of sources) {
    if (text !== '' && !/\n[ \t]*\r?\n$/.test(text)) text += text.endsWith('\n') ? ending : ending + ending;
    text += source;
  }
  const foot = [our.foot.trimEnd(), ...links].filter((line) => line !== '').join(ending);
  const body = foot === '' ? text : `${text.trimEnd()}${ending}${ending}${foot}${ending}`;
  const head = ourText.startsWith('\ufeff') ? '\ufeff' : '';
  return Buffer.from(`${head}${matter}${body.trimEnd()}${ending}`);
}

function outlineOf(document: MdDocument): Outline {
  const { text, root } = document;
  const foot = footOf(document);
  const mark = text.startsWith('\ufeff') ? 1 : 0;
  const first = root.children[0];
  const matter = /^---[ \t]*\r?\n(?:[^\n]*\n)*?(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/.exec(text.slice(mark))?.[0] ?? '';
  const start = mark + (first !== undefined && first.start < mark + matter.length ? 0 : matter.length);
  const sections = sectionsOf(document);
  const bounds = [start, ...sections.map((section) => section.start), foot];
  const parts = bounds.slice(0, -1).map((from, index): Part => {
    const to = bounds[index + 1] ?? foot;
    const section = sections[index - 1];
    const inside = root.children.filter((node) => node.start >= from && node.end <= to && node !== section?.heading);
    return {
      path: section === undefined ? [] : [...section.parents, section.title],
      heading: section === undefined ? '' : sourceOf(document, section.heading),
      blocks: inside.map((node) => text.slice(lineStart(text, node.start), lineEnd(text, node.end))),
      source: text.slice(from, to),
    };
  });
  const links = root.children.filter(({ start: at }) => at >= foot).map((node) => sourceOf(document, node));
  return { matter: text.slice(mark, start), parts, links, foot: text.slice(foot) };
}

function refuseConflicts(our: Outline, their: Outline): void {
  const conflicts: string[] = [];
  if (our.matter !== '' && their.matter !== '' && our.matter.trim() !== their.matter.trim())
    conflicts.push('front matter');
  const labels = new Map(our.links.map((link) => [labelOf(link), link]));
  for (const link of their.links) {
    const other = labels.get(labelOf(link));
    if (other !== undefined && other !== link) conflicts.push(`link [${labelOf(link)}]`);
  }
  if (conflicts.length > 0) {
    throw new BatonError('EDIT_AMBIGUOUS', `both files have these, and they differ: ${conflicts.join(', ')}`, {
      hint: 'Write the merged file yourself and use `replace-file`.',
      details: { conflicts },
    });
  }
}

function labelOf(link: string): string {
  return String(nodesOf(parseMarkdown(link).root, 'definition')[0]?.fields.identifier ?? link);
}

function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
