import { BatonError } from '@baton/kernel';
import { BLOCK, padding } from './tar-header.ts';
import { isZero } from './tar-header-read.ts';

/** The records of extended headers that apply to one entry, as bytes: values such as capabilities are not text. */
export type Records = ReadonlyMap<string, Buffer>;

/** The most bytes of records that apply to all entries; tools write a comment or a few numbers there. */
const MOST_GLOBAL = 64 * 1024;

/**
 * Reads the extended headers (pax types `x` and `g`) that stand directly before an entry. GNU long names, which may
 * stand there too, are left to the archive reader. Records of `globals` are updated and apply to all later entries.
 */
export function readExtended(raw: Buffer, globals: Map<string, Buffer>, where: string): Records {
  const own = new Map<string, Buffer>();
  for (let at = 0; at < raw.byteLength; ) {
    const block = raw.subarray(at, at + BLOCK);
    if (isZero(block)) throw invalidLayer(where, 'entries behind the zero blocks that end the archive');
    const text = /^ *([0-7]+)[ \0]/.exec(block.toString('latin1', 124, 136))?.[1];
    const size = text === undefined ? Number.NaN : Number.parseInt(text, 8);
    const body = raw.subarray(at + BLOCK, at + BLOCK + size);
    if (body.byteLength !== size) throw invalidLayer(where, 'an extended header without a readable size');
    const type = block.toString('latin1', 156, 157);
    if (type === 'x') decodeRecords(body, own, where);
    if (type === 'g') decodeRecords(body, globals, where);
    at += BLOCK + size + padding(size);
  }
  for (const key of ['path', 'linkpath', 'size']) {
    if (globals.has(key)) throw invalidLayer(where, `a global extended header that sets the ${key} of all entries`);
  }
  let size = 0;
  for (const [key, value] of globals) size += key.length + value.byteLength;
  if (size > MOST_GLOBAL) throw invalidLayer(where, `${size} bytes of global extended headers`);
  return new Map([...globals, ...own]);
}

/** What is wrong with a layer, as the error that says so. */
export function invalidLayer(where: string, found: string, cause?: unknown): BatonError {
  return new BatonError('LAYER_INVALID', `${where}: expected a tar archive that is safe to unpack, found ${found}`, {
    ...(cause === undefined ? {} : { cause }),
  });
}

function decodeRecords(body: Buffer, into: Map<string, Buffer>, where: string): void {
  for (let at = 0; at < body.byteLength; ) {
    const space = body.indexOf(0x20, at);
    const digits = space === -1 ? '' : body.toString('latin1', at, space);
    const length = /^[1-9][0-9]{0,7}$/.test(digits) ? Number(digits) : 0;
    const equals = body.indexOf(0x3d, space);
    const end = at + length;
    if (length === 0 || equals <= space + 1 || equals >= end || end > body.byteLength || body[end - 1] !== 0x0a) {
      throw invalidLayer(where, 'an extended header with a broken record');
    }
    const key = body.toString('utf8', space + 1, equals);
    const value = Buffer.from(body.subarray(equals + 1, end - 1));
    // POSIX: an empty value takes a record back.
    if (value.byteLength === 0 && !key.startsWith('SCHILY.xattr.')) into.delete(key);
    else into.set(key, value);
    at = end;
  }
}
