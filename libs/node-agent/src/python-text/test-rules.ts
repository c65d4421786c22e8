import { PythonError } from '../crash.ts';
import {
  decodeBase64,
  decodeOs,
  decodeReplace,
  decodeUtf8,
  encodeBase64,
  encodeOs,
  encodeUtf8,
  floatText,
  isPrintable,
  jsonText,
  parseInteger,
  parseJson,
  parseJsonBytes,
  pyEquals,
  repr,
  strOf,
} from './index.ts';
import { BASE64_EDGES, BYTE_EDGES, INTEGER_EDGES, OS_EDGES, PAIR_EDGES, TEXT_EDGES } from './test-edges.ts';
import { JSON_EDGES } from './test-edges-json.ts';
import type { Random } from './test-random.ts';
import { randomBytes, randomNumeral, randomOsText, randomText } from './test-random-text.ts';
import { FLOAT_EDGES, randomFloat, randomJson, randomPair, randomValue } from './test-random-value.ts';
import { floatHex, hexFloat, type Json, tag, untag } from './test-tagged.ts';
import type { PyValue } from './value.ts';

/** A text rule that CPython can be asked about. */
export interface Rule {
  /** As in test-oracle.py. */
  name: string;
  edges: readonly Json[];
  random(random: Random): Json;
  ours(item: Json): Json;
}

const text = (item: Json): string => String(item);
const bytes = (item: Json): Buffer => Buffer.from(text(item), 'hex');
const hex = (buffer: Uint8Array): string => Buffer.from(buffer).toString('hex');
const lists = (value: PyValue): PyValue => (Array.isArray(value) ? value : [value]);
const HEX_EDGES = BYTE_EDGES.map(hex);
const VALUE_EDGES: Json[] = [null, true, false, ['list', []], ['dict', []], ...FLOAT_EDGES.map(tag), ...TEXT_EDGES];

/** Every rule that is compared with CPython, by random cases in the proof and by stored answers in each run. */
export const RULES: readonly Rule[] = [
  { name: 'repr-text', edges: TEXT_EDGES, random: (r) => randomOsText(r, 0.2), ours: (item) => repr(text(item)) },
  {
    name: 'repr-value',
    edges: VALUE_EDGES.map((item) => ['list', [item]]),
    random: (r) => tag(lists(randomValue(r))),
    ours: (item) => repr(untag(item)),
  },
  { name: 'str-value', edges: VALUE_EDGES, random: (r) => tag(randomValue(r, 1)), ours: (item) => strOf(untag(item)) },
  ...['float-repr', 'float-str'].map((name) => ({
    name,
    edges: FLOAT_EDGES.map(floatHex),
    random: (r: Random) => floatHex(randomFloat(r)),
    ours: (item: Json) => floatText(hexFloat(text(item))),
  })),
  { name: 'json-dumps', edges: VALUE_EDGES, random: (r) => tag(randomValue(r)), ours: (item) => jsonText(untag(item)) },
  { name: 'json-loads', edges: JSON_EDGES, random: randomJson, ours: (item) => tag(parseJson(text(item))) },
  {
    name: 'json-loads-bytes',
    edges: [...HEX_EDGES, ...JSON_EDGES.map((json) => hex(Buffer.from(json, 'utf8')))],
    random: (r) => hex(randomEncoding(r, randomJson(r))),
    ours: (item) => tag(parseJsonBytes(bytes(item))),
  },
  {
    name: 'base64-decode',
    edges: BASE64_EDGES,
    random: (r) => randomBase64(r, randomBytes(r)),
    ours: (item) => hex(decodeBase64(text(item))),
  },
  {
    name: 'base64-json',
    edges: BASE64_EDGES,
    random: (r) => randomBase64(r, Buffer.from(randomJson(r))),
    ours: (item) => tag(parseJsonBytes(decodeBase64(text(item)))),
  },
  {
    name: 'base64-encode',
    edges: HEX_EDGES,
    random: (r) => hex(randomBytes(r)),
    ours: (item) => encodeBase64(bytes(item)),
  },
  {
    name: 'decode-replace',
    edges: HEX_EDGES,
    random: (r) => hex(randomBytes(r)),
    ours: (item) => decodeReplace(bytes(item)),
  },
  {
    name: 'decode-strict',
    edges: HEX_EDGES,
    random: (r) => hex(randomBytes(r, 5)),
    ours: (item) => decodeUtf8(bytes(item)),
  },
  {
    name: 'encode-strict',
    edges: OS_EDGES,
    random: (r) => (r.chance(0.5) ? randomText(r) : randomOsText(r)),
    ours: (item) => hex(encodeUtf8(text(item))),
  },
  { name: 'int', edges: INTEGER_EDGES, random: randomNumeral, ours: (item) => String(parseInteger(text(item))) },
  { name: 'fsdecode', edges: HEX_EDGES, random: (r) => hex(randomBytes(r)), ours: (item) => decodeOs(bytes(item)) },
  { name: 'fsencode', edges: OS_EDGES, random: (r) => randomOsText(r), ours: (item) => hex(encodeOs(text(item))) },
  {
    name: 'equals',
    edges: PAIR_EDGES.map((pair) => pair.map(tag)),
    random: (r) => randomPair(r).map(tag),
    ours: (item) => {
      const [left = null, right = null] = Array.isArray(item) ? item.map(untag) : [];
      return pyEquals(left, right);
    },
  },
];

/** The printability of 256 characters from `first` on, as digits: the rule `printable` of the oracle. */
export function printableBlock(first: number): string {
  return Array.from({ length: 256 }, (_, i) => (isPrintable(first + i) ? '1' : '0')).join('');
}

/** What int() makes of a 7 behind each of 256 characters, `-` for nothing: the rule `int-block` of the oracle. */
export function integerBlock(first: number): string {
  const read = (codePoint: number): string => {
    try {
      return String(parseInteger(`${String.fromCodePoint(codePoint)}7`));
    } catch {
      return '-';
    }
  };
  return Array.from({ length: 256 }, (_, i) => read(first + i)).join(' ');
}

/** What we say; errors of Python as the oracle writes them. */
export function ourAnswer(rule: Rule, item: Json): Json {
  try {
    return rule.ours(item);
  } catch (error) {
    if (error instanceof PythonError) return { error: error.type, message: error.message };
    throw error;
  }
}

/** Takes out of an answer what no contract holds: the words for broken UTF-16 and UTF-32 of interrupt data. */
export function comparable(answer: Json): Json {
  const isError = typeof answer === 'object' && answer !== null && 'error' in answer;
  const wide = isError && answer.error === 'UnicodeDecodeError' && /^'utf-(16|32)/.test(String(answer.message));
  return wide ? { error: 'UnicodeDecodeError' } : answer;
}

/** Edges first, then random cases: the same ones for the same name and count. */
export function casesOf(rule: Rule, random: Random, count: number): Json[] {
  const cases = [...rule.edges];
  while (cases.length < count) cases.push(rule.random(random));
  return cases.filter((item) => !rule.name.startsWith('base64-') || !strayPadding(text(item)));
}

/** Older patch releases of CPython stop at complete padding, where the contract goes on (18.7): no question for the oracle. */
function strayPadding(item: string): boolean {
  return /=.*[A-Za-z0-9+/]/s.test(item);
}

function randomBase64(random: Random, content: Buffer): string {
  let written = '';
  for (const letter of content.toString('base64').replace(/=/g, '')) {
    written += letter;
    if (random.chance(0.05)) written += random.pick(['\n', ' ', '-', '_', '*', '\r\n', '\0', '.']);
    if (random.chance(0.003)) written += random.pick(['\u00e9', '\udcff', 'A']);
  }
  const padding = random.chance(0.3) ? random.below(5) : (4 - (Math.ceil((content.length * 8) / 6) % 4)) % 4;
  return written + random.pick(['=', '=', '=', '\n=', '= ']).repeat(padding);
}

function randomEncoding(random: Random, json: string): Buffer {
  const wide = Buffer.from(json, 'utf16le');
  const units = [...json].map((character) => character.codePointAt(0) ?? 0);
  const wider = Buffer.from(Uint32Array.from(random.chance(0.02) ? [...units, 0x110000] : units).buffer);
  const mark = random.chance(0.3) ? Buffer.from('\ufeff') : Buffer.alloc(0);
  const broken = Buffer.concat([
    Buffer.from(json),
    random.pick([Buffer.from([0xff]), Buffer.from([0xed, 0xb3, 0xbf, 0x22])]),
  ]);
  const marked = (start: number[], content: Buffer): Buffer =>
    random.chance(0.4) ? Buffer.concat([Buffer.from(start), content]) : content;
  const encoded = random.pick([
    Buffer.concat([mark, Buffer.from(json)]),
    marked([0xff, 0xfe], wide),
    marked([0xfe, 0xff], Buffer.from(wide).swap16()),
    marked([0xff, 0xfe, 0, 0], wider),
    marked([0, 0, 0xfe, 0xff], Buffer.from(wider).swap32()),
    broken,
  ]);
  return random.chance(0.1) ? encoded.subarray(0, random.below(encoded.length + 1)) : encoded;
}
