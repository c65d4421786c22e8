import { BatonError, type Digest, formatBytes, isDigest } from '@baton/kernel';
import { isMediaType } from './media-types.ts';

/** A value inside a JSON document, together with where it stands: what a parser reads and what its errors name. */
export interface Place {
  readonly value: unknown;
  /** The document, as a person knows it. */
  readonly where: string;
  /** `layers[2].digest`; empty at the top. */
  readonly path: string;
}

/** The most bytes a manifest, index or config may have (OCI distribution specification: registries need not take more). */
export const DOCUMENT_LIMIT = 4 * 1024 * 1024;

const DAMAGED = 'It is damaged, or was not made by a tool for OCI images: make or fetch the image again.';

/** Reads the bytes of a JSON object of at most {@link DOCUMENT_LIMIT} bytes of UTF-8. Throws `IMAGE_INVALID`. */
export function readDocument(bytes: Uint8Array, where: string): Place {
  if (bytes.byteLength > DOCUMENT_LIMIT) {
    const most = formatBytes(DOCUMENT_LIMIT);
    throw new BatonError(
      'IMAGE_INVALID',
      `${where}: expected a document of at most ${most}, found ${formatBytes(bytes.byteLength)}`,
      { hint: DAMAGED },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw new BatonError('IMAGE_INVALID', `${where}: expected JSON in UTF-8, found something else (${reason(error)})`, {
      hint: DAMAGED,
      cause: error,
    });
  }
  const top: Place = { value, where, path: '' };
  asObject(top);
  return top;
}

/** Refuses the value at a place: `IMAGE_INVALID` with what was expected, what is there and its JSON path. */
export function refuse(place: Place, expected: string, hint = DAMAGED): never {
  const at = place.path === '' ? 'at the top' : `at ${place.path}`;
  const message = `${place.where}: expected ${expected} ${at}, found ${describe(place.value)}`;
  throw new BatonError('IMAGE_INVALID', message, { hint });
}

/** The object at a place. */
export function asObject(place: Place): Record<string, unknown> {
  const { value } = place;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(place, 'an object');
  return value as Record<string, unknown>;
}

/** A member of the object at a place; its value is undefined when it is absent. Inherited names are absent. */
export function member(place: Place, key: string): Place {
  const object = asObject(place);
  const step = /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? key : `[${JSON.stringify(key)}]`;
  const path = place.path === '' || step.startsWith('[') ? `${place.path}${step}` : `${place.path}.${step}`;
  return { value: Object.hasOwn(object, key) ? object[key] : undefined, where: place.where, path };
}

/** Reads a member that may be absent; `null` counts as absent, as Docker writes it. */
export function optional<T>(place: Place, key: string, read: (place: Place) => T): T | undefined {
  const found = member(place, key);
  return found.value === undefined || found.value === null ? undefined : read(found);
}

/** The items of the array at a place, of which there may be `most`. */
export function asArray(place: Place, most: number): Place[] {
  const { value } = place;
  if (!Array.isArray(value)) refuse(place, 'an array');
  if (value.length > most) refuse(place, `at most ${most} items`);
  return value.map((item: unknown, i) => ({ value: item, where: place.where, path: `${place.path}[${i}]` }));
}

/** The text at a place; empty text only where `empty` allows it. */
export function asText(place: Place, what = 'text', empty = false): string {
  if (typeof place.value !== 'string' || (!empty && place.value === '')) refuse(place, what);
  return place.value as string;
}

/** Text of any length, also none. */
export function asAnyText(place: Place): string {
  return asText(place, 'text', true);
}

/** A size in bytes: a whole number that JSON carries exactly. */
export function asSize(place: Place): number {
  if (!Number.isSafeInteger(place.value) || (place.value as number) < 0) refuse(place, 'a size in bytes');
  return place.value as number;
}

/** A sha256 digest. */
export function asDigest(place: Place): Digest {
  if (!isDigest(place.value)) refuse(place, 'a digest (sha256: and 64 lower-case hexadecimal digits)');
  return place.value as Digest;
}

/** A media type, `type/subtype`. */
export function asMediaType(place: Place): string {
  const text = asText(place, 'a media type');
  if (!isMediaType(text)) refuse(place, 'a media type');
  return text;
}

/** An object whose values are all text, such as annotations and labels. */
export function asTextMap(place: Place): Record<string, string> {
  return Object.fromEntries(Object.keys(asObject(place)).map((key) => [key, asText(member(place, key), 'text', true)]));
}

/** An object used as a set: its values are objects that say nothing (`{}`), or null. */
export function asSet(place: Place): Record<string, object> {
  return Object.fromEntries(Object.keys(asObject(place)).map((key) => [key, optional(place, key, asObject) ?? {}]));
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message.split('\n', 1).join('').slice(0, 120) : 'unreadable';
}
