import { type CompileContext, type Extension, fromMarkdown, type Token } from 'mdast-util-from-markdown';
import type { Writing } from './written-path.ts';

/** The path of a link, without its anchor and query: offsets are UTF-16 units. */
export interface LinkPath {
  start: number;
  end: number;
  /** Empty for a link that has no path: a URL, or an anchor alone. */
  text: string;
  /** Where the destination ends, with its anchor and query. */
  until: number;
  writing: Writing;
}

/** The destinations of links, images, reference definitions, and `href` and `src` in HTML, in the order of the text. */
export function linkPaths(text: string): LinkPath[] {
  const shift = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const body = text.slice(shift);
  const spans: { start: number; end: number }[] = [];
  function note(this: CompileContext, token: Token): undefined {
    spans.push({ start: token.start.offset, end: token.end.offset });
    // What the handler in its place does: the text is collected for the node.
    this.buffer();
  }
  const extension: Extension = { enter: { resourceDestinationString: note, definitionDestinationString: note } };
  const open: Node[] = [fromMarkdown(body, { mdastExtensions: [extension] })];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.type === 'html') spans.push(...attributes(body, node.position));
    open.push(...(node.children ?? []));
  }
  return spans.sort((a, b) => a.start - b.start).map(({ start, end }) => pathOf(text, start + shift, end + shift));
}

interface Node {
  type: string;
  position?: { start: { offset?: number | undefined }; end: { offset?: number | undefined } } | undefined;
  children?: readonly Node[];
}

function attributes(text: string, position: Node['position']): { start: number; end: number }[] {
  const start = position?.start.offset ?? 0;
  const html = text.slice(start, position?.end.offset ?? start);
  return [...html.matchAll(/\b(?:src|href)[ \t]*=[ \t]*(?:"([^"]*)"|'([^']*)')/gi)].map((match) => {
    const value = match[1] ?? match[2] ?? '';
    const from = start + match.index + match[0].length - 1 - value.length;
    return { start: from, end: from + value.length };
  });
}

function pathOf(text: string, start: number, until: number): LinkPath {
  const whole = text.slice(start, until);
  const isUrl = /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|\/\/)/.test(whole);
  const path = isUrl ? '' : (/^[^#?]*/.exec(whole)?.[0] ?? '');
  return { start, end: start + path.length, text: path, until, writing: linkWriting(path, text[start - 1] === '<') };
}

// Names are percent-encoded; where the old path did not encode letters beyond ASCII, the new one does not either.
function linkWriting(path: string, isBracketed: boolean): Writing {
  const encodesLetters = /%[89a-fA-F][0-9a-fA-F]/.test(path);
  const special = isBracketed ? /[<>%#?\\]/g : /[\s()<>%#?\\]/g;
  return {
    decode(raw) {
      const unescaped = raw.replace(/\\([!-/:-@[-`{-~])/g, '$1');
      try {
        return decodeURIComponent(unescaped);
      } catch {
        return unescaped;
      }
    },
    encode(name) {
      const encoded = name.replace(special, (character) => `%${Buffer.from(character).toString('hex').toUpperCase()}`);
      return encodesLetters ? encoded.replace(/[^\0-\x7f]+/g, encodeURIComponent) : encoded;
    },
  };
}
