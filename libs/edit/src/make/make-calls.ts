import type { Word } from './make-words.ts';
import type { Piece } from './parse-makefile.ts';

/** One call of make in a recipe line. */
export interface Call {
  /** The directory that it works in, as written; undefined for the Makefile's own. */
  dir: string | undefined;
  file: string | undefined;
  targets: readonly Word[];
}

// Words of a shell line (variable references and quotes hold together), and what separates commands. Each alternative begins with
// another character, so nothing is tried twice.
const TOKENS =
  /(?:\$\([^()]*(?:\([^()]*\)[^()]*)*\)|\$\{[^{}]*\}|"[^"]*"|'[^']*'|\\(?!\r?\n)[\s\S]|[^\s;&|()<>"'\\])+|&&|\|\||[;&|()<>]/g;
const MAKES = new Set(['make', 'gmake', ...['(MAKE)', '{MAKE}'].map((name) => `$${name}`)]);
const VALUED = new Set(['-j', '-l', '-o', '-W', '-I']);

/** The calls of make in one recipe line, with the places of the targets they name. Text inside quotes is not looked into. */
export function callsIn(text: string, { start, end }: Piece): Call[] {
  const calls: Call[] = [];
  let dir: string | undefined;
  let command: Word[] = [];
  const finish = (): void => {
    const words = command.slice(command.findIndex(({ text: word }) => !/^\w+=/.test(word)));
    const [first, second] = words;
    if (first?.text === 'cd' && second !== undefined) dir = second.text;
    else if (first !== undefined && MAKES.has(first.text)) calls.push(callOf(words.slice(1), dir));
    command = [];
  };
  for (const { 0: token, index } of text.slice(start, end).matchAll(TOKENS)) {
    if (/^(?:&&|\|\||[;&|()<>])$/.test(token)) {
      finish();
      if (token === ')') dir = undefined;
      // What stands behind a redirection is a file.
      if (token === '<' || token === '>') command.push({ text: '', start: start + index, end: start + index });
      continue;
    }
    const prefix = command.length === 0 ? (/^\s*[@+-]*/.exec(token)?.[0].length ?? 0) : 0;
    const from = start + index + prefix;
    if (prefix < token.length)
      command.push({ text: token.slice(prefix), start: from, end: start + index + token.length });
  }
  finish();
  return calls;
}

function callOf(words: readonly Word[], base: string | undefined): Call {
  let dir = base;
  let file: string | undefined;
  const targets: Word[] = [];
  const enter = (into: string): void => {
    dir = dir === undefined || into.startsWith('/') ? into : `${dir.replace(/\/$/, '')}/${into}`;
  };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) continue;
    const flag = /^(?:-C|-f|--directory|--file|--makefile)(?==|$)|^-[Cf]/.exec(word.text)?.[0] ?? '';
    if (flag !== '') {
      const joined = word.text.slice(flag.length).replace(/^=/, '');
      if (joined === '') at += 1;
      const value = joined === '' ? words[at]?.text : joined;
      if (flag === '-C' || flag === '--directory') enter(value ?? '');
      else file = value;
    } else if (VALUED.has(word.text) && words[at + 1]?.text.startsWith('-') === false) at += 1;
    else if (!word.text.startsWith('-') && !/^[\w.]+[:?+]?=/.test(word.text)) targets.push(word);
  }
  return { dir, file, targets };
}
