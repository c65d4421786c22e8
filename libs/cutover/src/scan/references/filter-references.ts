import type { PathReference } from './reference.ts';

/**
 * A path or glob from the root as a reference; none for what only exists while a workflow runs: expressions, absolute paths, URLs.
 * A leading `!` means that the rest is left out: it names something all the same. `x?` and `x+` (of GitHub's filters: the character
 * before once or not at all; once or more) are read so that nothing is taken for dead that is not.
 */
export function filterReferences(text: string, line: number, what: string): PathReference[] {
  const path = text.startsWith('!') ? text.slice(1) : text;
  const clean = path.replace(/^\.\//, '').replace(/^\//, '');
  if (clean === '' || /^[~$]|:\/\//.test(path) || path.includes('${{')) return [];
  if (!/[*?+[\]{}]/.test(clean)) return [{ line, text, what, target: clean, bases: ['/'] }];
  const glob = clean.replace(/([A-Za-z0-9_.-])\?/g, '{$1,,?}').replace(/([A-Za-z0-9_.-])\+/g, '{$1+,$1*}');
  return [{ line, text, what, target: glob, bases: ['/'], glob: true }];
}
