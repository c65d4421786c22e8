import { BatonError } from '@baton/kernel';
import type { NodePath } from './operations.ts';

const BARE = /[^.[\]"]/;

/**
 * Reads a path to a node of a document: keys divided by dots, indexes in brackets, keys with odd characters in double quotes (JSON text):
 * `on.push.paths`, `jobs.build.steps[2]`, `jobs."a.b".needs`, `["odd key"][0]`. A list of keys and indexes is taken as it is.
 *
 * @throws BatonError `EDIT_INVALID`
 */
export function parseNodePath(path: NodePath): readonly (string | number)[] {
  if (typeof path !== 'string') return path;
  const parts: (string | number)[] = [];
  let at = 0;
  while (at < path.length) {
    if (path[at] === '[') {
      const [part, next] = inBrackets(path, at + 1);
      parts.push(part);
      at = next;
      continue;
    }
    if (at > 0) {
      if (path[at] !== '.') throw invalidPath(path, at, 'expected . or [');
      at += 1;
    }
    const [key, next] = path[at] === '"' ? quotedKey(path, at) : bareKey(path, at);
    parts.push(key);
    at = next;
  }
  return parts;
}

/** The shortest text that `parseNodePath` reads as this path; `(root)` never: the root is the empty text. */
export function printNodePath(path: NodePath): string {
  return parseNodePath(path)
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      const bare = part !== '' && [...part].every((character) => BARE.test(character));
      return `${index === 0 ? '' : '.'}${bare ? part : JSON.stringify(part)}`;
    })
    .join('');
}

function inBrackets(path: string, start: number): [part: string | number, next: number] {
  const quotes = path[start] === '"';
  const [text, end] = quotes ? quotedKey(path, start) : bareKey(path, start);
  if (path[end] !== ']') throw invalidPath(path, end, 'expected ]');
  if (quotes) return [text, end + 1];
  if (!/^(?:0|[1-9][0-9]{0,8})$/.test(text)) throw invalidPath(path, start, 'expected an index or a quoted key');
  return [Number(text), end + 1];
}

function bareKey(path: string, start: number): [key: string, next: number] {
  let end = start;
  while (end < path.length && BARE.test(path[end] ?? '')) end += 1;
  if (end === start) throw invalidPath(path, start, 'expected a key');
  return [path.slice(start, end), end];
}

function quotedKey(path: string, start: number): [key: string, next: number] {
  const text = /^"(?:[^"\\]|\\.)*"/su.exec(path.slice(start))?.[0];
  if (text === undefined) throw invalidPath(path, start, 'the quoted key has no end');
  try {
    return [String(JSON.parse(text)), start + text.length];
  } catch (cause) {
    throw invalidPath(path, start, 'the quoted key is not JSON text', cause);
  }
}

function invalidPath(path: string, at: number, what: string, cause?: unknown): BatonError {
  return new BatonError(
    'EDIT_INVALID',
    `the path ${JSON.stringify(path)} cannot be read at column ${at + 1}: ${what}`,
    {
      hint: 'Write keys with dots, indexes in brackets, odd keys in quotes: jobs."a.b".steps[2]',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
