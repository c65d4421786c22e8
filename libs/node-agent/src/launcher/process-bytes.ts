import { readFileSync } from 'node:fs';
import { decodeOs } from '../python-text/index.ts';

/**
 * The positional arguments of this process without program and script, as OS texts (18.6).
 *
 * Node has already replaced what is not UTF-8; the bytes are in /proc. Without it, Node's texts are the answer.
 */
export function readArgv(): string[] {
  const known = process.argv.slice(2);
  const words = readRaw('/proc/self/cmdline');
  // Options of Node come before the script: the arguments are the last words.
  return words === undefined || words.length < known.length + 2 ? known : words.slice(words.length - known.length);
}

/**
 * The environment of this process in its order, as OS texts (18.6). Of two values of one name the first counts, and texts
 * without `=` are dropped, as in Python.
 */
export function readEnvironment(): Map<string, string> {
  const words = readRaw('/proc/self/environ');
  if (words === undefined) return new Map(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
  const env = new Map<string, string>();
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals === -1) continue;
    const name = word.slice(0, equals);
    if (!env.has(name)) env.set(name, word.slice(equals + 1));
  }
  return env;
}

/** The texts in a file of NUL-ended ones; undefined when it cannot be read. */
function readRaw(path: string): string[] | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  const texts: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    texts.push(decodeOs(bytes.subarray(start, end === -1 ? bytes.length : end)));
    if (end === -1) break;
    start = end + 1;
  }
  return texts;
}
