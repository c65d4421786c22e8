import type { RepathStyle } from '../operations.ts';
import { type LinkPath, linkPaths } from './markdown-links.ts';
import { directoryOf, resolveFrom } from './paths.ts';
import type { ReferenceOptions } from './reference.ts';
import { type Token, tokensOf } from './tokens.ts';
import { readPath, type Writing, type WrittenPath, writingOf } from './written-path.ts';

/** A reference with all that is needed to write it anew: offsets are UTF-16 units. */
export interface Located {
  start: number;
  end: number;
  text: string;
  line: number;
  style: RepathStyle;
  /** From the root, without its wildcards. */
  path: string;
  /** The directory that it is relative to. */
  base: string;
  written: WrittenPath;
  writing: Writing;
}

const ALL: readonly RepathStyle[] = ['markdown', 'repository', 'file', 'cwd'];
/** Line files whose patterns begin with `/` at their own directory. */
const ROOTED = /(?:^|\/)\.(?:[a-z]+ignore|gitattributes)$/;
const OWNERS = /(?:^|\/)CODEOWNERS$/;
/** Files in which a path that begins with `/` begins at the root of the repository. */
const FROM_ROOT = /(?:^|\/)CODEOWNERS$|^\.github\/dependabot\.ya?ml$/;
/** Where a pipeline puts the repository when nothing else is said. */
const HOMES: readonly { files: RegExp; home: string }[] = [{ files: /^\.circleci\//, home: '~/project/' }];

/** Every reference of a text, from left to right. */
export function locate(text: string, options: ReferenceOptions): Located[] {
  const styles = options.styles ?? ALL;
  const starts = lineStarts(text);
  const lineOf = (offset: number): number => lineAt(starts, offset);
  const links = styles.includes('markdown') && /\.(?:md|markdown|mdx)$/i.test(options.path) ? linkPaths(text) : [];
  const found = links.flatMap((link) => linkReference(link, options, lineOf(link.start)) ?? []);
  const plain = styles.filter((style) => style !== 'markdown');
  if (plain.length > 0) {
    let next = 0;
    for (const token of tokensOf(text)) {
      // A link that is read as one is not read as a word again: it is relative to its file whatever stands at the root.
      while (next < links.length && (links[next]?.until ?? 0) <= token.start) next += 1;
      if ((links[next]?.start ?? text.length) < token.end) continue;
      found.push(...tokenReferences(atHome(token, options.path), plain, options, lineOf(token.start)));
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

function linkReference(
  { start, end, text, writing }: LinkPath,
  options: ReferenceOptions,
  line: number,
): Located | undefined {
  if (text === '') return undefined;
  const base = text.startsWith('/') ? '' : directoryOf(options.path);
  const written = readPath(text, writing, true);
  const path = pathOf(written, base);
  if (path === undefined || !exists(options, path)) return undefined;
  return { start, end, text, line, style: 'markdown', path, base, written, writing };
}

function tokenReferences(
  token: Token,
  styles: readonly RepathStyle[],
  options: ReferenceOptions,
  line: number,
): Located[] {
  const found: Located[] = [];
  for (const candidate of candidatesOf(token)) {
    const writing = writingOf(candidate.text);
    // What is there as it is written has no wildcards: `[id].tsx`.
    for (const literal of options.exists === undefined ? [false] : [true, false]) {
      const written = readPath(candidate.text, writing, literal);
      if (
        !literal &&
        options.exists !== undefined &&
        readPath(candidate.text, writing, true).names.length === written.names.length
      )
        continue;
      if (!isPathLike(candidate.text, written, token, options)) continue;
      for (const style of styles) {
        for (const base of basesOf(candidate.text, token, style, options, line)) {
          const path = pathOf(written, base);
          // Nothing in front of the first wildcard, and no way up: it means the same wherever it stands.
          if (path === undefined || (written.names.length === 0 && written.tail.length > 0)) continue;
          if (!exists(options, path)) continue;
          const reference = { ...candidate, line, style, path, base, written, writing };
          if (options.exists !== undefined) return [reference];
          found.push(reference);
        }
      }
    }
    if (found.length > 0) return found;
  }
  return found;
}

function atHome(token: Token, path: string): Token {
  const home = HOMES.find(({ files, home: prefix }) => files.test(path) && token.text.startsWith(prefix))?.home;
  if (home === undefined || token.text.length === home.length) return token;
  return { ...token, start: token.start + home.length, text: token.text.slice(home.length), variable: 'root' };
}

// The whole of it; without the signs of a sentence; without a version behind `@`; without a flag in front (`-Idir`).
function candidatesOf({ start, end, text, isQuestion }: Token): { start: number; end: number; text: string }[] {
  const candidates = isQuestion ? [] : [{ start, end, text }];
  const add = (from: number, to: number): void => {
    if (from < to) candidates.push({ start: start + from, end: start + to, text: text.slice(from, to) });
  };
  const trimmed = isQuestion ? text.length - 1 : text.search(/(?<=[^./])\.+$/);
  add(0, trimmed);
  if (isQuestion) add(0, text.length);
  const at = text.lastIndexOf('@');
  if (at > 0) add(0, at);
  if (/^-[A-Za-z](?=[\w.]).*\//.test(text)) add(2, text.length);
  return candidates;
}

function isPathLike(text: string, written: WrittenPath, token: Token, options: ReferenceOptions): boolean {
  if (/^\.\/*$/.test(text) || /^\/+$/.test(text) || text.startsWith('~')) return false;
  if (token.variable !== undefined || token.isExpected) return true;
  if (text === '..') return false;
  if (text.includes('/')) return true;
  if (ROOTED.test(options.path) || OWNERS.test(options.path)) return false;
  return options.exists !== undefined && /[^.]\.[^.]|^\.[^.]/.test(text) && written.tail.length === 0;
}

function basesOf(
  text: string,
  { variable }: Token,
  style: RepathStyle,
  options: ReferenceOptions,
  line: number,
): readonly string[] {
  const own = directoryOf(options.path);
  const cwds = (options.cwd ?? [])
    .filter(({ from = 1, to = Number.POSITIVE_INFINITY }) => from <= line && line <= to)
    .map(({ dir }) => dir.replace(/^(?:\.\/)+|\/+$/g, '').replace(/^\.$/, ''));
  if (variable === 'root') return style === 'repository' ? [''] : [];
  if (variable === 'cwd') return style === 'cwd' ? cwds : style === 'file' ? [own] : [];
  if (text.startsWith('/')) {
    if (style === 'repository' && FROM_ROOT.test(options.path)) return [''];
    if (!ROOTED.test(options.path)) return [];
    return style === 'file' || (style === 'repository' && own === '') ? [own] : [];
  }
  if (style === 'file') return [own];
  if (style === 'cwd') return cwds;
  return text.startsWith('..') ? [] : [''];
}

function pathOf({ names }: WrittenPath, base: string): string | undefined {
  const path = resolveFrom(
    base,
    names.map(({ name }) => name),
  );
  return path === undefined || path.split('/').includes('.git') ? undefined : path;
}

function exists(options: ReferenceOptions, path: string): boolean {
  return options.exists === undefined || path === '' || options.exists(path);
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let feed = text.indexOf('\n'); feed >= 0; feed = text.indexOf('\n', feed + 1)) starts.push(feed + 1);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}
