import ignore from '@balena/dockerignore';

/** Which paths of a context are left out. */
export interface ContextIgnore {
  /** Whether a path (from the context's root, `/` between parts) is left out. */
  ignores(path: string): boolean;
  /** Whether anything below a directory that is left out may come in again by a `!` pattern. */
  mayHoldException(directory: string): boolean;
}

/**
 * Reads `.dockerignore` (docs.docker.com/build/concepts/context, ".dockerignore files") as the docker command does.
 * Throws a SyntaxError at a pattern that cannot be read.
 */
export function readIgnore(text: string): ContextIgnore {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const rules = ignore.default({ ignorecase: false }).add(lines);
  // Patterns are read at the first question.
  rules.ignores('.');
  const exceptions = lines
    .map((line) => line.trim())
    .filter((line) => line.startsWith('!'))
    .map((line) => literalStart(line.slice(1).trim()));
  return {
    ignores: (path) => rules.ignores(path),
    mayHoldException: (directory) =>
      exceptions.some((start) => `${start}/`.startsWith(`${directory}/`) || `${directory}/`.startsWith(start)),
  };
}

/** The part of a pattern that holds no wildcard: what it matches begins with it. */
function literalStart(pattern: string): string {
  const clean = pattern.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
  // A pattern with dots in its way is rare: take it for one that may match anywhere.
  if (clean.split('/').some((part) => part === '.' || part === '..' || part === '')) return '';
  return clean.slice(0, clean.search(/[*?[\\]|$/));
}
