import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { NewObject, ObjectFormat } from './objects.ts';

const TYPES = { commit: 1, tree: 2, blob: 3 };

/** The pack with these objects, each whole (no deltas); gitformat-pack(5). */
export function packOf(format: ObjectFormat, objects: readonly NewObject[]): Buffer {
  const header = Buffer.alloc(12);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const parts: Uint8Array[] = [header];
  for (const { type, bytes } of objects) parts.push(entryHeader(TYPES[type], bytes.byteLength), deflateSync(bytes));
  const hash = createHash(format);
  for (const part of parts) hash.update(part);
  return Buffer.concat([...parts, hash.digest()]);
}

// Type in three bits and size: four bits in the first byte, seven in each that follows, lowest first.
function entryHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (type << 4) | (size & 15);
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 0x80);
    byte = rest & 127;
  }
  return Buffer.from([...bytes, byte]);
}
