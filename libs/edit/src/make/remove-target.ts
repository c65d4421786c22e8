import type { TextSplice } from '../data/source-text.ts';
import { removeLines } from '../text/line-table.ts';
import type { Word } from './make-words.ts';
import { isSpecial } from './makefile-facts.ts';
import type { Makefile, MakeNode, Rule } from './parse-makefile.ts';

/** A cut, and the target whose removal makes it: of what several removals share, the one that stands first in the file. */
export interface OwnedSplice extends TextSplice {
  owner: string;
}

/**
 * Takes targets out of a Makefile together: what and what not, see `editMakeTarget`. What two of them would both cut (the blank
 * between two names, a line that names nothing else, an empty line between two rules) is cut once.
 */
export function removeTargets(makefile: Makefile, names: ReadonlySet<string>): OwnedSplice[] {
  const { lines, text, nodes } = makefile;
  const gone = new Map<number, string>();
  const splices: OwnedSplice[] = [];
  const rules: { rule: Rule; owner: string }[] = [];
  const isGone = (word: Word): boolean => names.has(word.text);
  for (const node of nodes) {
    if (node.kind !== 'rule' && node.kind !== 'assignment') continue;
    const owner = node.targets.find(isGone)?.text;
    if (owner !== undefined && node.targets.every(isGone)) {
      const last = node.kind === 'rule' ? (node.recipe.at(-1)?.last ?? node.last) : node.last;
      for (let line = node.first; line <= last; line += 1) gone.set(line, owner);
      if (node.kind === 'rule') rules.push({ rule: node, owner });
      continue;
    }
    if (owner !== undefined) splices.push(...cutWords(node.targets, names, node.start));
    const first = node.kind === 'rule' ? node.prerequisites.find(isGone)?.text : undefined;
    if (node.kind !== 'rule' || first === undefined) continue;
    // With a recipe below it the line stays: the recipe would be that of the rule above.
    const isList = node.targets.every((word) => isSpecial(word.text)) && node.recipe.length === 0;
    if (isList && node.prerequisites.every(isGone)) {
      for (let line = node.first; line <= node.last; line += 1) gone.set(line, first);
    } else splices.push(...cutWords(node.prerequisites, names, node.prerequisitesStart));
  }
  for (const { rule, owner } of rules) addComment(makefile, rule.first, owner, gone);
  const isBlank = (line: number): boolean => {
    const found = lines[line];
    return found === undefined || text.slice(found.start, found.end).trim() === '';
  };
  return [
    ...splices,
    ...runs(gone, lines.length, isBlank).map(([first, last, owner]) => ({ ...removeLines(lines, first, last), owner })),
  ];
}

// The comment that stands right above, unless it is the head of the file or the name of a section in a help text.
function addComment({ text, nodes }: Makefile, line: number, owner: string, gone: Map<number, string>): void {
  const comments: MakeNode[] = [];
  for (let at = line; ; ) {
    const above = nodes.find((node) => node.last === at - 1 && node.kind !== 'blank');
    if (above === undefined) break;
    if (above.kind === 'comment' && !text.startsWith('##@', above.start)) comments.push(above);
    else if (!gone.has(above.first)) break;
    at = above.first;
  }
  if (comments.at(-1)?.first === 0) return;
  for (const { first, last } of comments) for (let at = first; at <= last; at += 1) gone.set(at, owner);
}

/** Takes words out of a list, with the blanks in front of them (behind them, at its begin). */
function cutWords(words: readonly Word[], names: ReadonlySet<string>, from: number): OwnedSplice[] {
  const splices: OwnedSplice[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const begin = at;
    while (names.has(words[at]?.text ?? '')) at += 1;
    const last = words[at - 1];
    const first = words[begin];
    if (at === begin || last === undefined || first === undefined) continue;
    const before = words[begin - 1];
    const behind = words[at];
    const owner = first.text;
    if (before !== undefined) splices.push({ start: before.end, end: last.end, text: '', owner });
    else if (behind !== undefined) splices.push({ start: first.start, end: behind.start, text: '', owner });
    else splices.push({ start: from, end: last.end, text: '', owner });
  }
  return splices;
}

// Where empty lines stood on both sides, one of them goes too.
function runs(
  gone: ReadonlyMap<number, string>,
  count: number,
  isBlank: (line: number) => boolean,
): [number, number, string][] {
  const found: [number, number, string][] = [];
  for (const [line, owner] of [...gone].sort(([a], [b]) => a - b)) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === line - 1) last[1] = line;
    else found.push([line, line, owner]);
  }
  const wide: [number, number, string][] = [];
  for (const [first, last, owner] of found) {
    const before = wide.at(-1);
    // What is left above it once the runs before are gone.
    let above = first - 1;
    if (before !== undefined && before[1] >= above) above = before[0] - 1;
    const [from, to] = widened(first, last, above);
    if (before !== undefined && before[1] >= from - 1) before[1] = to;
    else wide.push([from, to, owner]);
  }
  return wide;

  function widened(first: number, last: number, above: number): [number, number] {
    if (!isBlank(last + 1) || (above >= 0 && !isBlank(above))) return [first, last];
    if (above >= 0 && above === first - 1) return [first - 1, last];
    let next = last + 1;
    while (next < count && isBlank(next)) next += 1;
    return next < count ? [first, last + 1] : [first, last];
  }
}
