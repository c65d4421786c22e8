import { isUtf8 } from 'node:buffer';
import { decodeSource } from '../data/source-text.ts';
import { type Located, locate } from './locate.ts';
import type { Reference, ReferenceOptions } from './reference.ts';

/**
 * Every place of a file that names a path of the repository, from left to right.
 *
 * With `exists`, each place gives at most one reference: the first style whose path is there. A path is read as the whole word
 * between blanks, quotes, brackets and the signs `: , ; = # ! ( ) | & < >`, so `agent/go` is not found in `agent/golden` or in a URL.
 * A name without `/` counts only with a dot in it (`go.mod`), or where a path must stand (`cd`, `-C`, `working-directory:`).
 * A file with NUL has no references; in one that is not UTF-8 every byte is read as a character of its own.
 */
export function findReferences(bytes: Uint8Array, options: ReferenceOptions): Reference[] {
  if (bytes.includes(0)) return [];
  const isText = isUtf8(bytes);
  const text = isText
    ? decodeSource(bytes)
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const encoding = isText ? 'utf8' : 'latin1';
  let at = 0;
  let offset = 0;
  return locate(text, options).map((found) => {
    offset += Buffer.byteLength(text.slice(at, found.start), encoding);
    at = found.start;
    const { line, text: written, style, path } = found;
    const end = offset + Buffer.byteLength(written, encoding);
    const glob = globOf(found);
    return { line, start: offset, end, text: written, style, path, ...(glob === undefined ? {} : { glob }) };
  });
}

function globOf({ path, written: { tail } }: Located): string | undefined {
  const rest = tail.join('/');
  if (rest === '') return undefined;
  return path === '' ? rest : `${path}/${rest}`;
}
