import { createHash } from 'node:crypto';
import type { NewObject, ObjectFormat } from './objects.ts';

/** The object that these bytes are, named by the repository's hash; nothing is written. */
export function hashObject(format: ObjectFormat, type: NewObject['type'], bytes: Uint8Array): NewObject {
  const id = createHash(format).update(`${type} ${bytes.byteLength}\0`).update(bytes).digest('hex');
  return { type, id, bytes };
}
