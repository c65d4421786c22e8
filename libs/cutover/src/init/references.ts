import { escapePattern, traceReferences } from '@baton/edit';
import { baseName, directoryOf, isAtOrBelow } from './listing.ts';
import type { Moves } from './moves.ts';
import type { Layout } from './proposal.ts';

/** A part of a line that names what moves: columns from 0, and what it becomes; undefined when what it names is gone. */
export interface Mention {
  start: number;
  end: number;
  to: string | undefined;
  kind: 'path' | 'relative' | 'name';
}

/** Where a file of the input tree names what the cutover moves, renames or deletes: its mentions by line, from the first one on. */
export function mentionsOf(moves: Moves, path: string, text: string): Mention[][] {
  const lines = text.split('\n').map((line) => [...nameMentions(moves, line), ...forgeMentions(moves, line)]);
  if (mayRefer(moves, path, text))
    for (const { line, ...mention } of pathMentions(moves, path, text)) lines[line - 1]?.push(mention);
  return lines.map(withoutOverlaps);
}

/** A text that stands in a file by itself, such as an item of a list, as it has to be; undefined when it names what is gone. */
export function rewriteText(moves: Moves, path: string, text: string): string | undefined {
  const mentions = mentionsOf(moves, path, text);
  const lines = text.split('\n').map((line, index) => rewriteLine(line, mentions[index] ?? []));
  return lines.includes(undefined) ? undefined : lines.join('\n');
}

function pathMentions(moves: Moves, path: string, text: string): (Mention & { line: number })[] {
  const { nested } = moves.layout;
  const isNested = isAtOrBelow(path, nested);
  const isPipeline = /^[.]github\/|(^|\/)[.]gitlab-ci|(^|\/)(Jenkinsfile|azure-pipelines|[.]circleci)/.test(path);
  const cwd = isNested ? [{ dir: nested }] : [...stretchesIn(nested, text), ...documentsOf(path, text)];
  const traced = traceReferences(text, traceable(moves, path), {
    styles: isNested
      ? ['markdown', 'repository', 'file', 'cwd']
      : isPipeline
        ? ['repository', 'cwd']
        : ['markdown', 'repository', 'cwd', 'file'],
    cwd,
  });
  return traced.flatMap(({ line, column, text: from, becomes }) => {
    if (becomes === from) return [];
    const kind = from.startsWith('..') ? 'relative' : 'path';
    return [{ line, start: column, end: column + from.length, to: becomes, kind }];
  });
}

// Below what moves or goes, everything counts as there: also what a build puts there.
function traceable({ layout, listing, after, existsAfter }: Moves, path: string) {
  const { nested, old } = layout;
  return {
    path: after(path) ?? path,
    pathBefore: path,
    mapping: (each: string) => after(each) ?? (existsAfter(each) ? each : undefined),
    exists: {
      input: (each: string) =>
        listing.exists(each) ||
        (!/[*?[{]/.test(each) && [nested, ...old].some((directory) => isAtOrBelow(each, directory))),
      output: () => true,
    },
  };
}

// What stands a dozen lines below `cd agent/go`, `working-directory: agent/go`, `context: agent/go` may run there.
function stretchesIn(nested: string, text: string): { dir: string; from: number; to: number }[] {
  const enters = new RegExp(
    `(?:\\bcd|-C|working[-_]directory:|\\bdir:|\\bdir\\(|context:)\\s*['"]?(?:[.]/|\\$\\S*/|~/project/)?${escapePattern(nested)}(?![\\w-]|[.]\\w)`,
  );
  return text
    .split('\n')
    .flatMap((line, index) => (enters.test(line) ? [{ dir: nested, from: index + 1, to: index + 13 }] : []));
}

// The pages that a site of documents names are relative to the directory of its pages.
function documentsOf(path: string, text: string): { dir: string }[] {
  if (!/^mkdocs[.]ya?ml$/.test(baseName(path))) return [];
  const pages = /^docs_dir:\s*['"]?([^\s'"#]+)/m.exec(text)?.[1] ?? 'docs';
  const beside = directoryOf(path);
  return [{ dir: beside === '' ? pages : `${beside}/${pages}` }];
}

// Most files of a large repository name nothing of it, and need not be read word by word.
function mayRefer({ layout, renames }: Moves, path: string, text: string): boolean {
  if (isAtOrBelow(path, layout.nested) && text.includes('..')) return true;
  return namesOf(layout, renames).test(text);
}

const patterns = new WeakMap<Layout, RegExp>();

/** Whether a text has one of the names that what moves and what goes have: without one it refers to nothing of it. */
export function namesOf(layout: Layout, renames: Moves['renames']): RegExp {
  const known = patterns.get(layout);
  if (known !== undefined) return known;
  const { nested, old, pairs } = layout;
  const names = [nested, ...old, ...pairs.flatMap((pair) => [pair.new, pair.new.split('/').at(-2) ?? ''])].map(
    baseName,
  );
  const wanted = [...new Set([...names, ...renames.map(({ from }) => from)])].filter((name) => name !== '');
  const made = new RegExp(`(?<![A-Za-z0-9])(?:${wanted.map(escapePattern).join('|')})(?![A-Za-z0-9])`);
  patterns.set(layout, made);
  return made;
}

const FORGE = /https?:\/\/[^\s"'<>()`]+?\/(?:-\/)?(?:tree|blob|raw|edit|blame|commits)\/[^/\s]+\/([^\s"'<>()`#?,;]+)/g;

/** Pages of a forge that show a file of a repository: a path below the nested directory is hardly anybody else's. */
function forgeMentions(moves: Moves, line: string): Mention[] {
  if (!line.includes('://')) return [];
  const { nested, component } = moves.layout;
  return [...line.matchAll(FORGE)].flatMap((match): Mention[] => {
    const path = (match[1] ?? '').replace(/[.]+$/, '');
    if (!isAtOrBelow(path, nested)) return [];
    const start = match.index + match[0].length - (match[1] ?? '').length;
    return [{ start, end: start + nested.length, to: component, kind: 'path' }];
  });
}

/** Names of the new one beside the old one: `agent-go`, `AGENT_GO_DIR`. */
function nameMentions(moves: Moves, line: string): Mention[] {
  return moves.renames.flatMap(({ from, to }) => {
    if (!line.includes(from)) return [];
    const name = new RegExp(
      `(?<![A-Za-z0-9_])${escapePattern(from)}(?![A-Za-z0-9${from.includes('_') ? '' : '_'}])`,
      'g',
    );
    return [...line.matchAll(name)].flatMap((match): Mention[] => {
      const before = /\S*$/.exec(line.slice(0, match.index))?.[0] ?? '';
      // An address, or an action of somebody else, has a name of its own.
      if (/:\/\//.test(before) || /\buses:\s*\S*$/.test(line.slice(0, match.index))) return [];
      return [{ start: match.index, end: match.index + from.length, to, kind: 'name' }];
    });
  });
}

function withoutOverlaps(mentions: readonly Mention[]): Mention[] {
  if (mentions.length < 2) return [...mentions];
  const kept: Mention[] = [];
  // Longer ones know more: a relative path that holds a name.
  for (const mention of [...mentions].sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start)) {
    if (kept.every(({ start, end }) => mention.end <= start || mention.start >= end)) kept.push(mention);
  }
  return kept.sort((a, b) => a.start - b.start);
}

/** A line with all its mentions written as they are from now on; undefined when one of them names what is gone. */
export function rewriteLine(line: string, mentions: readonly Mention[]): string | undefined {
  let text = '';
  let at = 0;
  for (const { start, end, to } of mentions) {
    if (to === undefined) return undefined;
    text += line.slice(at, start) + to;
    at = end;
  }
  return text + line.slice(at);
}

/** Whether a file's own bytes are the code of the new implementation, which moves as it is. */
export function isMovedSource(moves: Moves, path: string): boolean {
  return (
    isAtOrBelow(path, moves.layout.nested) &&
    /[.](go|rs|[cm]?[jt]sx?|py|rb|java|kt|mod|sum|lock|golden)$|(^|\/)testdata\//.test(baseName(path))
  );
}
