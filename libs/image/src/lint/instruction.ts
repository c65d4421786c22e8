import { type Scope, variablesIn } from './expand.ts';
import { type LogicalText, spanOf } from './logical-text.ts';
import type { Span } from './source.ts';

/** A flag of an instruction: `--from=build`. */
export interface Flag {
  name: string;
  value: string;
  span: Span;
}

/** A word of an instruction, without its quotes. */
export interface Word {
  text: string;
  span: Span;
}

/** A name with its value in ENV, ARG or LABEL. */
export interface Property {
  name: string;
  /** Without quotes; undefined where only the name stands there. */
  value: string | undefined;
  nameSpan: Span;
  valueSpan: Span | undefined;
}

/** One instruction, as rules look at it. */
export interface Instruction {
  /** In capitals. */
  keyword: string;
  span: Span;
  keywordSpan: Span;
  flags: readonly Flag[];
  /** What stands behind the flags. */
  rest: LogicalText;
  /** The strings of the JSON form; undefined for the shell form. */
  json: readonly string[] | undefined;
  words: readonly Word[];
  properties: readonly Property[];
  /** It stands behind ONBUILD: it takes effect in images that are built on this one. */
  isTrigger: boolean;
  /** Values before this instruction. */
  scope: Scope;
}

/** The value of a flag. */
export function flagOf(instruction: Instruction, name: string): Flag | undefined {
  return instruction.flags.find((flag) => flag.name === name);
}

/** Splits flags from the rest: `--name`, `--name=value`, as many as stand in front. */
export function splitFlags(args: LogicalText): { flags: Flag[]; rest: LogicalText } {
  const flags: Flag[] = [];
  let at = 0;
  for (;;) {
    const match = /^\s*--([a-z-]+)(?:=("[^"]*"|\S*))?(?=\s|$)/.exec(args.text.slice(at));
    if (match === null) break;
    const [whole, name = '', value = ''] = match;
    const start = at + whole.length - whole.trimStart().length;
    flags.push({ name, value: unquote(value), span: spanOf(args, start, whole.trimStart().length) });
    at += whole.length;
  }
  const space = /^\s*/.exec(args.text.slice(at))?.[0].length ?? 0;
  return { flags, rest: args.from(at + space) };
}

/** The strings of a JSON array, or undefined for whatever engines take as shell form. */
export function jsonStrings(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Words between white space; quotes hold white space together. */
export function wordsOf(rest: LogicalText): Word[] {
  const words: Word[] = [];
  for (const { 0: whole, index } of rest.text.matchAll(/(?:"(?:\\.|[^"\\])*"?|'[^']*'?|[^\s"'])+/g)) {
    words.push({ text: unquote(whole), span: spanOf(rest, index, whole.length) });
  }
  return words;
}

function unquote(text: string): string {
  return text.replace(
    /"((?:\\.|[^"\\])*)"|'([^']*)'/g,
    (_, double?: string, single?: string) => double ?? single ?? '',
  );
}

/** The variables that an instruction names, with their place. */
export function variableSpans(
  instruction: Instruction,
  escapeChar: string,
): { name: string; hasDefault: boolean; span: Span }[] {
  return variablesIn(instruction.rest.text, escapeChar).map(({ name, index, length, hasDefault }) => ({
    name,
    hasDefault,
    span: spanOf(instruction.rest, index, length),
  }));
}
