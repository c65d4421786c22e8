import { makefileFacts } from '@baton/edit';
import { type Piece, span } from './judgement.ts';
import type { Moves } from './moves.ts';

/** Whether a path is a Makefile. */
export function isMakefile(path: string): boolean {
  return /(^|\/)(GNU)?[Mm]akefile([.][^/]*)?$|[.](mk|mak)$/.test(path);
}

/** Targets for the new one beside the old one go where the plain target is there: from now on it does the same. */
export function judgeMakefile(moves: Moves, path: string, text: string): Piece[] {
  if (!isMakefile(path)) return [];
  const lines = text.split('\n');
  const { targets, variables } = makefileFacts(Buffer.from(text));
  const names = new Set(targets.map(({ name }) => name));
  const gone = targets.filter(({ name }) => plainNames(moves, name).some((plain) => names.has(plain)));
  const removed = new Set(gone.map(({ name }) => name));
  if (removed.size === 0) return [];
  const target = moves.after(path) ?? path;
  const pieces: Piece[] = gone.map(({ name, line }) => ({
    operation: { 'make.target': { in: target, name, remove: true } },
    lines: span(line, endOfRule(lines, line)),
    reason: `${plainNames(moves, name).find((plain) => names.has(plain))} does the same now`,
  }));
  const owned = new Set(pieces.flatMap((piece) => piece.lines));
  for (const { name, line } of variables) {
    const isNamed = moves.renames.some(
      ({ from }) => name === from || name.startsWith(`${from}_`) || name.endsWith(`_${from}`),
    );
    const users = lines.filter(
      (each, index) => !owned.has(index + 1) && (each.includes(`$(${name})`) || each.includes(`\${${name}}`)),
    );
    if (isNamed && users.length === 0)
      pieces.push({
        operation: { 'make.var': { in: target, name, remove: true } },
        lines: [line],
        reason: 'nothing uses it any more',
      });
  }
  // The removal of a target takes its name out of prerequisites and of .PHONY as well.
  const mentions = lines.flatMap((line, index) => {
    const isRule = /^[^\s#][^=]*:(?!=)/.test(line);
    return isRule && !owned.has(index + 1) && line.split(/\s+/).some((word) => removed.has(word)) ? [index + 1] : [];
  });
  const [first, ...others] = pieces;
  return first === undefined ? [] : [{ ...first, lines: [...first.lines, ...mentions] }, ...others];
}

function plainNames(moves: Moves, name: string): string[] {
  return moves.renames.flatMap(({ from, to }) => {
    if (!new RegExp(`(^|[-_.])${from}([-_.]|$)`).test(name)) return [];
    return [name.replace(from, to), name.replace(new RegExp(`${from}[-_.]|[-_.]${from}`), '')];
  });
}

function endOfRule(lines: readonly string[], line: number): number {
  let end = line;
  while (lines[end]?.startsWith('\t')) end += 1;
  return end;
}
