import { PythonError } from '../crash.ts';
import { decodeJsonBytes } from './json-encoding.ts';
import { type JsonSource, scanScalar, scanText, skipBlanks, syntaxError } from './json-scan.ts';
import type { PyDict, PyValue } from './value.ts';

/**
 * json.loads() of Python for a text (contract 6.1, 18.5): strict JSON and `NaN`, `Infinity`, `-Infinity`; integers and floats
 * stay distinct; of a key that comes twice the last value counts, at the first place. Takes time and memory by its length.
 *
 * Throws JSONDecodeError with Python's words and position (a byte order mark is one), ValueError for an integer of more
 * than 4,300 digits, RecursionError below 9,998 brackets.
 */
export function parseJson(text: string): PyValue {
  if (text.startsWith('\ufeff')) throw syntaxError('Unexpected UTF-8 BOM (decode using utf-8-sig)', text, 0);
  return parseDocument(text);
}

/** json.loads() for bytes (contract, section 13): UTF-8, UTF-16 or UTF-32 by their first bytes, byte order mark allowed. */
export function parseJsonBytes(bytes: Uint8Array): PyValue {
  return parseDocument(decodeJsonBytes(bytes));
}

function parseDocument(text: string): PyValue {
  const source: JsonSource = { text, at: 0 };
  skipBlanks(source);
  const value = parseValue(source);
  skipBlanks(source);
  if (source.at < text.length) throw syntaxError('Extra data', text, source.at);
  return value;
}

/** A list or dict whose end was not read yet. */
type Open = { list: PyValue[] } | { dict: PyDict; key: string };

/** Reads a value with all its parts, on a stack of its own. */
function parseValue(source: JsonSource): PyValue {
  const open: Open[] = [];
  for (;;) {
    let value = beginValue(source, open);
    while (value !== undefined) {
      const inner = open.at(-1);
      if (inner === undefined) return value;
      if ('list' in inner) inner.list.push(value);
      else inner.dict.set(inner.key, value);
      value = goesOn(source, inner) ? undefined : 'list' in inner ? inner.list : inner.dict;
      if (value !== undefined) open.pop();
    }
  }
}

/** Reads a whole value, or only the bracket of one that has parts: undefined then. */
function beginValue(source: JsonSource, open: Open[]): PyValue | undefined {
  const bracket = source.text[source.at];
  if (bracket !== '[' && bracket !== '{') return scanScalar(source);
  if (open.length >= DEEPEST) {
    const kind = bracket === '[' ? 'array' : 'object';
    throw new PythonError(
      'RecursionError',
      `maximum recursion depth exceeded while decoding a JSON ${kind} from a unicode string`,
    );
  }
  source.at += 1;
  skipBlanks(source);
  if (source.text[source.at] === CLOSING[bracket]) {
    source.at += 1;
    return bracket === '[' ? [] : new Map();
  }
  open.push(bracket === '[' ? { list: [] } : { dict: new Map(), key: scanKey(source) });
  return undefined;
}

/** After a part: reads the comma and what leads to the next part (true), or the closing bracket (false). */
function goesOn(source: JsonSource, inner: Open): boolean {
  const closing = 'list' in inner ? ']' : '}';
  skipBlanks(source);
  const comma = source.at;
  if (source.text[comma] === closing) {
    source.at += 1;
    return false;
  }
  if (source.text[comma] !== ',') throw syntaxError("Expecting ',' delimiter", source.text, comma);
  source.at += 1;
  skipBlanks(source);
  if (source.text[source.at] === closing) {
    const kind = closing === ']' ? 'array' : 'object';
    throw syntaxError(`Illegal trailing comma before end of ${kind}`, source.text, comma);
  }
  if ('dict' in inner) inner.key = scanKey(source);
  return true;
}

/** Reads a key and its colon. */
function scanKey(source: JsonSource): string {
  if (source.text[source.at] !== '"') {
    throw syntaxError('Expecting property name enclosed in double quotes', source.text, source.at);
  }
  const key = scanText(source);
  skipBlanks(source);
  if (source.text[source.at] !== ':') throw syntaxError("Expecting ':' delimiter", source.text, source.at);
  source.at += 1;
  skipBlanks(source);
  return key;
}

const CLOSING = { '[': ']', '{': '}' } as const;
// How deep CPython 3.13 goes before it calls that too deep.
const DEEPEST = 9998;
