import { fromMarkdown } from 'mdast-util-from-markdown';

type Root = ReturnType<typeof fromMarkdown>;
type Nodes = Root | Extract<Root['children'][number], unknown>;

/** A link, image or definition of a Markdown file. */
export interface MarkdownLink {
  /** As the renderer sees it: escapes and entities resolved, percent-encoding kept. */
  url: string;
  /** 1-based, where the link begins. */
  line: number;
  kind: 'link' | 'image' | 'definition' | 'html';
}

/** What a Markdown file links to, and what in it can be linked to. */
export interface MarkdownFacts {
  links: readonly MarkdownLink[];
  /** Ids of headings as GitHub makes them, and those of HTML elements (`id`, `name`), without `#`. */
  anchors: readonly string[];
}

/** Reads links and anchors; code spans and code blocks have none. */
export function markdownFacts(bytes: Uint8Array): MarkdownFacts {
  const root: Root = fromMarkdown(bytes);
  const links: MarkdownLink[] = [];
  const anchors: string[] = [];
  const slugs = new Map<string, number>();
  const open: Nodes[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const line = node.position?.start.line ?? 1;
    if (node.type === 'link' || node.type === 'image' || node.type === 'definition') {
      links.push({ url: node.url, line, kind: node.type });
    } else if (node.type === 'html') {
      for (const { url, offset } of htmlUrls(node.value)) {
        links.push({ url, line: line + node.value.slice(0, offset).split('\n').length - 1, kind: 'html' });
      }
      for (const [, , id = ''] of node.value.matchAll(/\s(?:id|name)\s*=\s*(["'])(.*?)\1/g)) anchors.push(id);
    } else if (node.type === 'heading') anchors.push(uniqueSlug(slugs, plainText(node)));
    // In reverse, so that nodes come off in the order of the file: the numbers of equal headings depend on it.
    if ('children' in node) for (const child of node.children.toReversed()) open.push(child);
  }
  return { links: links.sort((a, b) => a.line - b.line), anchors };
}

/** The id that GitHub gives to a heading with this text, where it is the first one. */
export function headingSlug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replace(/ /g, '-');
}

function uniqueSlug(slugs: Map<string, number>, text: string): string {
  const first = headingSlug(text);
  let slug = first;
  for (let count = slugs.get(first) ?? 0; slugs.has(slug); slug = `${first}-${count}`) {
    count += 1;
    slugs.set(first, count);
  }
  slugs.set(slug, 0);
  return slug;
}

function plainText(node: Nodes): string {
  if (node.type === 'text' || node.type === 'inlineCode') return node.value;
  if (node.type === 'image') return node.alt ?? '';
  return 'children' in node ? node.children.map(plainText).join('') : '';
}

function* htmlUrls(html: string): Generator<{ url: string; offset: number }> {
  for (const match of html.matchAll(/<(?:a|img|source)\s[^>]*?\b(?:href|src|srcset)\s*=\s*(["'])(.*?)\1/gis)) {
    const url = match[2] ?? '';
    if (url !== '') yield { url: url.replace(/&amp;/g, '&'), offset: match.index };
  }
}
