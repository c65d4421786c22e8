/** A word of a shell command, without its quotes. */
export interface ShellWord {
  text: string;
  /** 1-based, of the script. */
  line: number;
  /** It has a variable, a substitution or a template expression, so what it says is not known. */
  dynamic: boolean;
}

/** What a shell script is made of, as far as directories are concerned. */
export type ShellPart = { kind: 'command'; words: readonly ShellWord[] } | { kind: 'open' } | { kind: 'close' };

/**
 * Takes a POSIX shell script apart into simple commands and subshells. It knows quotes, comments, continued lines and here-documents;
 * it is not a shell: what it does not understand becomes words. Linear in the script.
 */
export function shellParts(script: string): ShellPart[] {
  const parts: ShellPart[] = [];
  let words: ShellWord[] = [];
  let word: { text: string; dynamic: boolean; line: number } | undefined;
  let line = 1;
  const heredocs: string[] = [];
  const begin = (): { text: string; dynamic: boolean; line: number } => (word ??= { text: '', dynamic: false, line });
  const endWord = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  const endCommand = (): void => {
    endWord();
    if (words.length > 0) parts.push({ kind: 'command', words });
    words = [];
  };
  let at = 0;
  while (at < script.length) {
    const character = script.charAt(at);
    if (character === '\\') {
      if (script[at + 1] === '\n') line += 1;
      else begin().text += script.charAt(at + 1);
      at += 2;
    } else if (character === "'" || character === '"') {
      const end = closing(script, at, character);
      const inside = script.slice(at + 1, end);
      const current = begin();
      current.text += inside;
      if (character === '"' && /[$`]/.test(inside)) current.dynamic = true;
      line += inside.split('\n').length - 1;
      at = end + 1;
    } else if (character === '#' && word === undefined) {
      const end = script.indexOf('\n', at);
      at = end === -1 ? script.length : end;
    } else if (character === '\n') {
      endCommand();
      line += 1;
      at += 1;
      for (const mark of heredocs.splice(0)) {
        const end = endOfHeredoc(script, at, mark);
        line += script.slice(at, end).split('\n').length - 1;
        at = end;
      }
    } else if (character === ' ' || character === '\t' || character === '\r') {
      endWord();
      at += 1;
    } else if (character === '<' && script.startsWith('<<', at) && script[at + 2] !== '<') {
      endWord();
      const [whole, mark = ''] = /^<<-?[ \t]*(["']?[A-Za-z0-9_]+["']?)?/.exec(script.slice(at, at + 200)) ?? ['<<'];
      if (mark !== '') heredocs.push(mark.replace(/["']/g, ''));
      at += whole.length;
    } else if (character === '$') {
      begin().dynamic = true;
      const end = endOfExpansion(script, at);
      begin().text += script.slice(at, end);
      line += script.slice(at, end).split('\n').length - 1;
      at = end;
    } else if (character === '`') {
      begin().dynamic = true;
      begin().text += character;
      at += 1;
    } else if (character === '(' || character === ')') {
      endCommand();
      parts.push({ kind: character === '(' ? 'open' : 'close' });
      at += 1;
    } else if (';&|'.includes(character)) {
      endCommand();
      at += 1;
    } else {
      begin().text += character;
      at += 1;
    }
  }
  endCommand();
  return parts;
}

function closing(script: string, start: number, quote: string): number {
  for (let at = start + 1; at < script.length; at += 1) {
    if (script[at] === quote) return at;
    if (quote === '"' && script[at] === '\\') at += 1;
  }
  return script.length;
}

// `$(...)`, `${...}` and `${{ ... }}` as a whole, so that what is inside is no command of this script.
function endOfExpansion(script: string, start: number): number {
  const open = script[start + 1];
  if (open !== '(' && open !== '{') return start + 1;
  const close = open === '(' ? ')' : '}';
  let depth = 0;
  for (let at = start + 1; at < script.length; at += 1) {
    if (script[at] === open) depth += 1;
    else if (script[at] === close) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return script.length;
}

function endOfHeredoc(script: string, start: number, mark: string): number {
  let at = start;
  while (at < script.length) {
    const feed = script.indexOf('\n', at);
    const end = feed === -1 ? script.length : feed + 1;
    if (script.slice(at, end).trim() === mark) return end;
    at = end;
  }
  return at;
}
