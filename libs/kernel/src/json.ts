import { BatonError } from './errors.ts';

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * The canonical bytes of a value: keys sorted by their UTF-8 bytes, no insignificant white space, UTF-8, one final
 * newline. Keys whose value is undefined are left out. Equal values have equal bytes, so their digest names the value.
 * A number that JSON cannot hold (NaN, infinities) is `INTERNAL`: written as null it would be another value.
 */
export function canonicalJson(value: Json): Buffer {
  return Buffer.from(`${canonicalText(value)}\n`, 'utf8');
}

/** JSON for people: two spaces, keys as given, one final newline. */
export function prettyJson(value: Json): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`, 'utf8');
}

// Written out by hand because JSON.stringify puts keys that look like integers first, whatever order they were set in.
function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new BatonError('INTERNAL', `${value} cannot be written as JSON`);
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const object = value as { readonly [key: string]: Json | undefined };
  const members: string[] = [];
  for (const key of Object.keys(object).sort(compareText)) {
    const item = object[key];
    if (item !== undefined) members.push(`${JSON.stringify(key)}:${canonicalText(item)}`);
  }
  return `{${members.join(',')}}`;
}

/** Orders text by its UTF-8 bytes: the same on every machine and in every locale. */
export function compareText(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
