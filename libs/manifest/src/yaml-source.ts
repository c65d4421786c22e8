import { isUtf8 } from 'node:buffer';
import { LineCounter, parseDocument } from 'yaml';
import { directiveProblems, inWords, nodeProblems } from './yaml-checks.ts';
import { positions } from './yaml-positions.ts';
import type { Position, TextProblem, YamlExtras, YamlSource } from './yaml-types.ts';

const TOO_DEEP = 'lists and mappings are nested too deeply';

/** Bytes a manifest may have. */
export const MANIFEST_LIMIT = 1024 * 1024;

/**
 * Reads YAML 1.2 (core schema, no merge keys, unique keys, one document, text keys) of at most {@link MANIFEST_LIMIT}
 * bytes of UTF-8, or tells what is wrong with it.
 */
export function readYaml(bytes: Uint8Array, extras: YamlExtras = {}): YamlSource | TextProblem[] {
  if (bytes.byteLength > MANIFEST_LIMIT) {
    const message = `expected at most ${MANIFEST_LIMIT} bytes, found ${bytes.byteLength}`;
    return [{ line: 1, column: 1, message }];
  }
  if (!isUtf8(bytes)) return [notUtf8(bytes)];
  const lines = new LineCounter();
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      merge: false,
      // The parser compares each key with each other; nodeProblems does it in one pass.
      uniqueKeys: false,
      stringKeys: true,
      strict: true,
      customTags: (extras.tags ?? []).map(({ tag, resolve }) => ({ tag, resolve })),
      prettyErrors: false,
      lineCounter: lines,
    });
    // A tag or directive that the core schema does not know is a warning to the parser; here nothing is skipped.
    const faults = [...document.errors, ...document.warnings];
    if (faults.some((fault) => fault.message.includes('call stack'))) return [{ ...at(0), message: TOO_DEEP }];
    if (faults.length > 0) return faults.map((fault) => ({ ...at(fault.pos[0]), ...inWords(fault) }));
    const odd = [...directiveProblems(document), ...nodeProblems(document, at, extras)];
    if (odd.length > 0) return odd;
    return { value: document.toJS({ maxAliasCount: 100 }), ...positions(document, at) };
  } catch (error) {
    // The two ways in which a small text can be too much: aliases of aliases, and nesting beyond the stack.
    if (error instanceof ReferenceError) return [{ ...at(0), message: 'aliases expand to more than is allowed' }];
    if (error instanceof RangeError) return [{ ...at(0), message: TOO_DEEP }];
    throw error;
  }
}

function notUtf8(bytes: Uint8Array): TextProblem {
  let line = 1;
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(0x0a, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
    line += 1;
  }
  return { line, column: 1, message: 'the text is not UTF-8', hint: 'Save the file as UTF-8.' };
}
