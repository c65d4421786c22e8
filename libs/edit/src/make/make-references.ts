import { makeWords, type Word } from './make-words.ts';
import type { Makefile } from './parse-makefile.ts';

/** Functions whose first word is the name of a variable. */
const NAMING = new Set(['call', 'origin', 'flavor', 'value']);
/** Directives whose words are names of variables. */
const DIRECTIVES = new Set(['ifdef', 'ifndef', 'export', 'unexport', 'undefine']);

/** Every place that refers to a variable, without its assignments. `$$(NAME)` is for the shell. */
export function variableReferences({ text, nodes }: Makefile, name: string): Word[] {
  const places: Word[] = [];
  const add = (start: number): void => {
    places.push({ text: name, start, end: start + name.length });
  };
  for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', at)) {
    const open = text[at + 1];
    if (open === '(' || open === '{') {
      const from = at + 2;
      const naming = /[a-z]+(?=[ \t])/y;
      naming.lastIndex = from;
      const word = naming.exec(text)?.[0];
      let start = from;
      if (word !== undefined && NAMING.has(word)) {
        start = from + word.length;
        while (text[start] === ' ' || text[start] === '\t') start += 1;
      }
      const close = open === '(' ? ')' : '}';
      if (text.startsWith(name, start) && `${close}:, \t`.includes(text.charAt(start + name.length) || '\n')) {
        // `$(NAME x)` would be a function of that name.
        const isFunction = start === from && !`${close}:`.includes(text.charAt(start + name.length));
        if (!isFunction) add(start);
      }
      at = from;
    } else {
      if (open === name) add(at + 1);
      at += 2;
    }
  }
  for (const node of nodes) {
    if (node.kind !== 'conditional' && node.kind !== 'other') continue;
    const [keyword, ...words] = makeWords(text, node.start, node.end);
    // `else ifdef NAME`
    const [directive, names] = keyword?.text === 'else' ? [words[0], words.slice(1)] : [keyword, words];
    if (directive === undefined || !DIRECTIVES.has(directive.text)) continue;
    for (const word of names) if (word.text === name) add(word.start);
  }
  return places;
}
