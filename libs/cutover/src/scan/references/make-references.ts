import { makefileFacts } from '@baton/edit';
import { BatonError } from '@baton/kernel';
import { collect, type FileReferences, nothingCollected } from './reference.ts';
import { shellReferences } from './shell-references.ts';

/** What a Makefile includes, and what its recipes change to, call and build; each recipe line begins in the Makefile's directory. */
export function makeReferences(bytes: Buffer, path: string): FileReferences {
  const text = bytes.toString('utf8');
  const variables = simpleVariables(bytes);
  // A file that is included runs where the including one does.
  const bases = /\.mk$/.test(path) ? ['.', '/'] : ['.'];
  const all = nothingCollected();
  for (const { script, line } of recipeLines(text)) {
    const shell = expand(script, variables);
    collect(all, shellReferences(shell, { bases, linesBefore: line - 1 }));
  }
  for (const [index, row] of text.split('\n').entries()) {
    const [, dash = '', list = ''] = /^(-|s)?include[ \t]+(.+)$/.exec(row) ?? [];
    if (dash !== '') continue;
    for (const target of expand(list.replace(/#.*/, ''), variables).split(/\s+/)) {
      if (target === '' || /[$*?[]/.test(target) || target.startsWith('/')) continue;
      all.references.push({ line: index + 1, text: target, what: 'include', target, bases, soft: true });
    }
  }
  return all;
}

/** Recipe lines with those that continue them; `line` is that of the first. */
export function* recipeLines(text: string): Generator<{ script: string; line: number }> {
  let script: string | undefined;
  let first = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    const row = raw.replace(/\r$/, '');
    if (script === undefined) {
      if (!row.startsWith('\t')) continue;
      script = row.slice(1).replace(/^[@+-]+/, '');
      first = index + 1;
    } else script += `\n${row.replace(/^\t/, '')}`;
    if (row.endsWith('\\')) continue;
    yield { script, line: first };
    script = undefined;
  }
  if (script !== undefined) yield { script, line: first };
}

function simpleVariables(bytes: Buffer): Map<string, string> {
  const known = new Map([
    ['MAKE', 'make'],
    ['CURDIR', '.'],
  ]);
  try {
    for (const { name, operator, value, target } of makefileFacts(bytes).variables) {
      if (target === undefined && /^(:{0,3}|\?)=$/.test(operator)) known.set(name, value);
    }
  } catch (error) {
    // Not a Makefile that can be read: its recipes are looked at without variables.
    if (!(error instanceof BatonError)) throw error;
  }
  return known;
}

// What is not known stays as it is and begins with `$`, by which the shell's reader knows that it is not known.
function expand(text: string, variables: ReadonlyMap<string, string>, depth = 0): string {
  if (depth > 4 || text.length > 10_000) return text;
  return text.replace(
    /\$(?:\$|\(([A-Za-z0-9_.-]+)\)|\{([A-Za-z0-9_.-]+)\})/g,
    (whole, round?: string, curly?: string) => {
      const value = variables.get(round ?? curly ?? '');
      if (whole === '$$') return '$';
      return value === undefined ? whole : expand(value, variables, depth + 1);
    },
  );
}
