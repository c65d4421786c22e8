import type { PyValue } from './value.ts';

/** What JSON can carry both ways. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A {@link PyValue} for the oracle: `["int", "1"]`, `["float", hex of the eight bytes]`, `["list", ..]`, `["dict", pairs]`. */
export function tag(value: PyValue): Json {
  if (typeof value === 'bigint') return ['int', value.toString()];
  if (typeof value === 'number') return ['float', floatHex(value)];
  if (Array.isArray(value)) return ['list', value.map(tag)];
  if (value instanceof Map) return ['dict', [...value].map(([key, item]) => [key, tag(item)])];
  return value;
}

/** The value behind {@link tag}. */
export function untag(tagged: Json): PyValue {
  if (!Array.isArray(tagged)) return typeof tagged === 'object' || typeof tagged === 'number' ? null : tagged;
  const [kind, content = null] = tagged;
  if (kind === 'int') return BigInt(String(content));
  if (kind === 'float') return hexFloat(String(content));
  const items = Array.isArray(content) ? content : [];
  if (kind === 'list') return items.map(untag);
  return new Map(items.map((pair) => (Array.isArray(pair) ? [String(pair[0]), untag(pair[1] ?? null)] : ['', null])));
}

/** Eight bytes, big endian, as hexadecimal digits; one NaN for all. */
export function floatHex(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return Number.isNaN(value) ? '7ff8000000000000' : bytes.toString('hex');
}

/** The float of {@link floatHex}. */
export function hexFloat(digits: string): number {
  return Buffer.from(digits, 'hex').readDoubleBE();
}
