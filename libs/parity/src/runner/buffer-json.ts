import type { Json } from '@baton/kernel';

// What no ordinary value looks like: an object with this one key.
const KEY = 'base64';

/** A value as plain JSON: bytes become `{ "base64": ... }`, what is undefined is left out. */
export function toPlain(value: unknown): Json {
  if (Buffer.isBuffer(value)) return { [KEY]: value.toString('base64') };
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Map) return toPlain([...value]);
  if (typeof value !== 'object' || value === null) return value as Json;
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.map(([key, part]) => [key, toPlain(part)]));
}

/** The value again, with its bytes as Buffers; maps stay lists of pairs. */
export function fromPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromPlain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === KEY && typeof first[1] === 'string')
    return Buffer.from(first[1], 'base64');
  return Object.fromEntries(entries.map(([key, part]) => [key, fromPlain(part)]));
}
