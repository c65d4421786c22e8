import { BatonError } from '@baton/kernel';
import { lineListOf } from './merge-lines.ts';

/** A piece of a Makefile that moves as a whole: a rule with its recipe, an assignment, a block between `ifeq` and `endif`, a line. */
interface Piece {
  /** `target build`, `variable CC`; undefined for what has no name: pieces with equal text are then the same. */
  names: readonly string[];
  recipe: boolean;
  lines: readonly string[];
  /** The lines without the comments above: what is compared. */
  code: string;
}

/**
 * Joins two Makefiles: ours, then the pieces of theirs that ours lacks. A rule or variable that both have in the same words is there
 * once.
 *
 * @throws BatonError `EDIT_AMBIGUOUS` for targets with recipes and variables that differ, all listed; `EDIT_REFUSED` for a file that
 * changes what a recipe line begins with
 */
export function mergeMakefiles(ours: Uint8Array, theirs: Uint8Array): Buffer {
  const first = lineListOf(ours);
  const second = lineListOf(theirs);
  if (first.lines.length === 0) return Buffer.from(theirs);
  if ([...first.lines, ...second.lines].some((line) => /^\s*\.RECIPEPREFIX\b/.test(line))) {
    throw new BatonError('EDIT_REFUSED', 'a Makefile sets .RECIPEPREFIX, and cannot be merged by its targets');
  }
  const own = piecesOf(first.lines);
  const same = new Set(own.map(({ code }) => code));
  const ownLines = new Set(first.lines);
  const added: string[] = [];
  const conflicts: string[] = [];
  for (const piece of piecesOf(second.lines)) {
    if (same.has(piece.code)) {
      // The rule is there already; a comment of theirs above it may say more.
      const comments = piece.lines.filter((line) => line.startsWith('#') && !ownLines.has(line));
      if (comments.length > 0) added.push('', ...comments);
      continue;
    }
    const rivals = own.filter(
      (other) =>
        (other.recipe === piece.recipe || piece.names.some((name) => name.startsWith('variable'))) &&
        other.names.some((name) => piece.names.includes(name)),
    );
    const named = piece.recipe || piece.names.some((name) => name.startsWith('variable'));
    if (named && rivals.length > 0)
      conflicts.push(...piece.names.filter((name) => rivals.some((other) => other.names.includes(name))));
    added.push(...(piece.names.length > 0 && piece.recipe ? ['', ...piece.lines] : piece.lines));
  }
  if (conflicts.length > 0) {
    throw new BatonError(
      'EDIT_AMBIGUOUS',
      `both Makefiles have these, and they differ: ${[...new Set(conflicts)].join(', ')}`,
      {
        hint: 'Rename or remove them with make.target and make.var in a commit before, or write the merged file yourself.',
        details: { conflicts: [...new Set(conflicts)] },
      },
    );
  }
  if (added.length === 0) return Buffer.from(ours);
  const head = first.closed ? '' : first.ending;
  const blank = added[0] === '' || first.lines.at(-1)?.trim() === '' ? [] : [''];
  const text = [...blank, ...added].join(first.ending) + (first.closed || second.closed ? first.ending : '');
  return Buffer.concat([ours, Buffer.from(head + text, 'latin1')]);
}

const ASSIGNMENT = /^(?:override +|export +|private +)*([^\s:#=!?+]+)\s*(?:[:?+!]|::|:::)?=/;
const OPENING = /^\s*(?:ifeq|ifneq|ifdef|ifndef)\b/;

function piecesOf(lines: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  let comments: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    if (line.trim() === '') {
      if (comments.length > 0) pieces.push(piece(comments, [], [], false));
      comments = [];
      at += 1;
    } else if (line.startsWith('#')) {
      comments.push(line);
      at += 1;
    } else {
      const next = pieceEnd(lines, at);
      pieces.push(describe(comments, lines.slice(at, next)));
      comments = [];
      at = next;
    }
  }
  if (comments.length > 0) pieces.push(piece(comments, [], [], false));
  return pieces;
}

function piece(comments: readonly string[], code: readonly string[], names: readonly string[], recipe: boolean): Piece {
  const lines = [...comments, ...code];
  return { names, recipe, lines, code: (code.length === 0 ? lines : code).join('\n') };
}

function pieceEnd(lines: readonly string[], start: number): number {
  const line = lines[start] ?? '';
  if (/^\s*(?:override +)?define\b/.test(line))
    return blockEnd(lines, start, /^\s*(?:override +)?define\b/, /^\s*endef\b/);
  if (OPENING.test(line)) return blockEnd(lines, start, OPENING, /^\s*endif\b/);
  let at = logicalEnd(lines, start);
  if (ASSIGNMENT.test(line) || !/:/.test(line)) return at;
  // The recipe, with empty and comment lines between its lines.
  for (let ahead = at; ahead < lines.length; ahead += 1) {
    const below = lines[ahead] ?? '';
    if (below.startsWith('\t')) {
      ahead = logicalEnd(lines, ahead) - 1;
      at = ahead + 1;
    } else if (below.trim() !== '' && !below.startsWith('#')) break;
  }
  return at;
}

function logicalEnd(lines: readonly string[], start: number): number {
  let at = start;
  while (at < lines.length - 1 && /(?:^|[^\\])(?:\\\\)*\\$/.test(lines[at] ?? '')) at += 1;
  return at + 1;
}

function blockEnd(lines: readonly string[], start: number, open: RegExp, close: RegExp): number {
  let depth = 0;
  for (let at = start; at < lines.length; at += 1) {
    if (open.test(lines[at] ?? '')) depth += 1;
    if (close.test(lines[at] ?? '')) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return lines.length;
}

function describe(comments: readonly string[], code: readonly string[]): Piece {
  const line = code[0] ?? '';
  if (OPENING.test(line) || /^\s*define\b/.test(line)) return piece(comments, code, [], false);
  const variable = ASSIGNMENT.exec(line);
  if (variable !== null)
    return piece(comments, code, /\+=/.test(variable[0]) ? [] : [`variable ${variable[1]}`], false);
  const rule = /^([^\t:#=][^:#=]*?)\s*::?(?!=)(.*)$/.exec(line);
  if (rule === null || /^(?:-?include|sinclude|export|unexport|vpath)\b/.test(line))
    return piece(comments, code, [], false);
  const targets = (rule[1] ?? '').split(/\s+/).filter((name) => name !== '');
  const recipe = code.some((below) => below.startsWith('\t')) || /;/.test(rule[2] ?? '');
  const special = targets.every((name) => /^\.[A-Z]/.test(name)) || /::/.test(line);
  return piece(comments, code, special ? [] : targets.map((name) => `target ${name}`), recipe);
}
