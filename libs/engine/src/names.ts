import { BatonError } from '@baton/kernel';

/** Splits `host:5000/name:tag` or `name@sha256:...` into what the Engine API wants apart. */
export function splitReference(reference: string): { repository: string; tag: string } {
  const at = reference.indexOf('@');
  if (at >= 0) return { repository: reference.slice(0, at), tag: reference.slice(at + 1) };
  const colon = reference.lastIndexOf(':');
  if (colon < 0 || reference.includes('/', colon)) return { repository: reference, tag: 'latest' };
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

/** Refuses a name that would not stay one part of the request's path. Throws `INVALID_REFERENCE`. */
export function checkName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/.test(name) && !/\.\.|\/\//.test(name)) return name;
  throw new BatonError('INVALID_REFERENCE', `${JSON.stringify(name)} is neither the name nor the ID of an image`);
}
