import { BatonError } from '@baton/kernel';
import { decodeSource } from '../data/source-text.ts';
import { linesOf, type TextLine } from '../text/line-table.ts';
import { commentStart, findOutside, makeWords, type Word } from './make-words.ts';

/** A logical line of a Makefile (continued lines are one), or a whole `define` block. Lines are indexes from 0, both included. */
export interface Piece {
  first: number;
  last: number;
  /** Where its text begins and ends (before the line ending). */
  start: number;
  end: number;
}

/** A rule: its header line and the recipe below it. */
export interface Rule extends Piece {
  kind: 'rule';
  targets: readonly Word[];
  isDoubleColon: boolean;
  /** Between the colon (of a static pattern rule the second one) and the end of the prerequisites. */
  prerequisitesStart: number;
  prerequisitesEnd: number;
  prerequisites: readonly Word[];
  /** What stands behind the semicolon of a recipe on the header line. */
  inline: Piece | undefined;
  /** Lines of the recipe. */
  recipe: readonly Piece[];
  /** Whether conditional directives stand between the lines of the recipe. */
  isRecipeSplit: boolean;
  /** `## text` at the end of the header. */
  help: string | undefined;
}

/** `NAME = value`, in a rule's header when it has targets, or a `define` block. */
export interface Assignment extends Piece {
  kind: 'assignment';
  name: Word;
  operator: string;
  valueStart: number;
  valueEnd: number;
  targets: readonly Word[];
}

/** Anything else. */
export interface Other extends Piece {
  kind: 'blank' | 'comment' | 'conditional' | 'include' | 'other';
  words: readonly Word[];
}

export type MakeNode = Rule | Assignment | Other;

export interface Makefile {
  text: string;
  lines: readonly TextLine[];
  nodes: readonly MakeNode[];
}

const OPERATORS = ['=', ':=', '::=', ':::=', '?=', '+=', '!='];
const MODIFIERS = new Set(['export', 'override', 'private', 'unexport']);
const CONDITIONALS = new Set(['ifeq', 'ifneq', 'ifdef', 'ifndef', 'else', 'endif']);
const INCLUDES = new Set(['include', '-include', 'sinclude']);

/**
 * Reads the lines of a Makefile as GNU make does, without expanding anything.
 *
 * @throws BatonError `EDIT_REFUSED` (not text; a `.RECIPEPREFIX`, which changes what a recipe is), `EDIT_INVALID` (`define` without `endef`)
 */
export function parseMakefile(bytes: Uint8Array): Makefile {
  return parseMakefileText(decodeSource(bytes));
}

/** The same for text that was decoded. */
export function parseMakefileText(text: string): Makefile {
  const lines = linesOf(text);
  const nodes: MakeNode[] = [];
  let rule: { node: Rule; recipe: Piece[] } | undefined;
  let hasConditional = false;
  for (let at = 0; at < lines.length; ) {
    const piece = logicalLine(text, lines, at);
    at = piece.last + 1;
    if (rule !== undefined && text[piece.start] === '\t') {
      if (hasConditional) rule.node.isRecipeSplit = true;
      rule.recipe.push(piece);
      continue;
    }
    const node = classify(text, lines, piece);
    at = node.last + 1;
    if (node.kind === 'assignment' && node.name.text === '.RECIPEPREFIX') throw prefixed(node.first);
    if (node.kind === 'rule') {
      const recipe: Piece[] = [];
      node.recipe = recipe;
      rule = { node, recipe };
      hasConditional = false;
    } else if (node.kind === 'conditional') hasConditional = true;
    else if (node.kind !== 'blank' && node.kind !== 'comment') rule = undefined;
    nodes.push(node);
  }
  return { text, lines, nodes };
}

function logicalLine(text: string, lines: readonly TextLine[], first: number): Piece {
  let last = first;
  while (last + 1 < lines.length && /(?:^|[^\\])(?:\\\\)*\\$/.test(lineText(text, lines[last]))) last += 1;
  return { first, last, start: lines[first]?.start ?? 0, end: lines[last]?.end ?? text.length };
}

function lineText(text: string, line: TextLine | undefined): string {
  return line === undefined ? '' : text.slice(line.start, line.end);
}

function classify(text: string, lines: readonly TextLine[], piece: Piece): MakeNode {
  const { start, end } = piece;
  const body = text.slice(start, end);
  if (body.trim() === '') return { kind: 'blank', words: [], ...piece };
  if (/^\s*#/.test(body)) return { kind: 'comment', words: [], ...piece };
  const words = makeWords(text, start, end);
  const plain = words.findIndex(({ text: word }) => !MODIFIERS.has(word));
  const [keyword] = words;
  const assignment = assignmentIn(text, start, end, piece, []);
  // A variable may have the name of a directive, and then it is no directive.
  if (words[plain]?.text === 'define') return defineBlock(text, lines, piece, words[plain + 1], words[plain + 2]);
  if (assignment !== undefined) return assignment;
  const directive = keyword?.text.replace(/\(.*$/s, '') ?? '';
  if (CONDITIONALS.has(directive)) return { kind: 'conditional', words, ...piece };
  if (INCLUDES.has(directive)) return { kind: 'include', words, ...piece };
  if (MODIFIERS.has(directive) || ['vpath', 'undefine', 'load', '-load', 'endef'].includes(directive)) {
    return { kind: 'other', words, ...piece };
  }
  return ruleIn(text, piece) ?? { kind: 'other', words, ...piece };
}

function assignmentIn(
  text: string,
  from: number,
  end: number,
  piece: Piece,
  targets: readonly Word[],
): Assignment | undefined {
  const equals = findOutside(text, '=', from, end);
  if (equals < 0) return undefined;
  const operator = /(?::{1,3}|[?+!])?=$/.exec(text.slice(from, equals + 1))?.[0] ?? '=';
  if (!OPERATORS.includes(operator)) return undefined;
  const words = makeWords(text, from, equals + 1 - operator.length);
  while (words.length > 1 && MODIFIERS.has(words[0]?.text ?? '')) words.shift();
  const [name] = words;
  // More than one word in front of the sign, or a colon: a rule, or a rule with a variable of its own.
  if (name === undefined || words.length > 1 || findOutside(text, ':', name.start, name.end) >= 0) return undefined;
  const space = /^(?:[ \t]|\\\r?\n)*/.exec(text.slice(equals + 1, end))?.[0].length ?? 0;
  const valueStart = equals + 1 + space;
  const stop = commentStart(text, valueStart, end);
  const valueEnd = valueStart + text.slice(valueStart, stop).trimEnd().length;
  return { kind: 'assignment', ...piece, name, operator, valueStart, valueEnd, targets };
}

function defineBlock(
  text: string,
  lines: readonly TextLine[],
  piece: Piece,
  name: Word | undefined,
  operator: Word | undefined,
): Assignment {
  let depth = 1;
  for (let at = piece.last + 1; at < lines.length; at += 1) {
    const [word, second] = lineText(text, lines[at]).trim().split(/\s+/);
    if (word === 'define' || (word !== undefined && MODIFIERS.has(word) && second === 'define')) depth += 1;
    if (word === 'endef' || word?.startsWith('endef#')) depth -= 1;
    const line = lines[at];
    if (depth > 0 || line === undefined) continue;
    const valueStart = lines[piece.last]?.next ?? piece.end;
    return {
      kind: 'assignment',
      first: piece.first,
      last: at,
      start: piece.start,
      end: line.end,
      name: name ?? { text: '', start: piece.end, end: piece.end },
      operator: operator === undefined ? 'define' : `define ${operator.text}`,
      valueStart,
      valueEnd: Math.max(valueStart, lines[at - 1]?.end ?? valueStart),
      targets: [],
    };
  }
  throw new BatonError(
    'EDIT_INVALID',
    `line ${piece.first + 1}: expected an endef for this define, found the end of the file`,
  );
}

function ruleIn(text: string, piece: Piece): Rule | Assignment | undefined {
  const { start, end } = piece;
  const colon = findOutside(text, ':', start, end);
  if (colon < 0) return undefined;
  const isDoubleColon = text[colon + 1] === ':';
  const targets = makeWords(text, start, text[colon - 1] === '&' ? colon - 1 : colon);
  if (targets.length === 0) return undefined;
  const behind = colon + (isDoubleColon ? 2 : 1);
  const variable = assignmentIn(text, behind, end, piece, targets);
  if (variable !== undefined) return variable;
  const comment = commentStart(text, behind, end);
  const semicolon = findOutside(text, ';', behind, end);
  const stop = semicolon < 0 ? comment : Math.min(semicolon, comment);
  const second = findOutside(text, ':', behind, stop);
  const from = second < 0 ? behind : second + 1;
  const inline = semicolon >= 0 && semicolon < comment;
  return {
    kind: 'rule',
    ...piece,
    targets,
    isDoubleColon,
    prerequisitesStart: from,
    prerequisitesEnd: stop,
    prerequisites: makeWords(text, from, stop),
    inline: inline ? { ...piece, start: semicolon + 1 } : undefined,
    recipe: [],
    isRecipeSplit: false,
    help: inline || !text.startsWith('##', comment) ? undefined : text.slice(comment + 2, end).trim(),
  };
}

function prefixed(line: number): BatonError {
  return new BatonError('EDIT_REFUSED', `line ${line + 1}: .RECIPEPREFIX changes what a recipe line is`, {
    hint: 'Use `replace` or `patch` for this Makefile.',
  });
}
