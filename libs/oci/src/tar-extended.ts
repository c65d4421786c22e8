import { BatonError } from '@baton/kernel';
import { BLOCK, padding } from './tar-header.ts';

/** The records of extended headers that apply to one entry, as bytes: values such as capabilities are not text. */
export type Records = ReadonlyMap<string, Buffer>;

/** The bytes of a stream between two positions, kept only while somebody may ask for them. */
export class Tail {
  readonly #where: string;
  #chunks: { start: number; bytes: Uint8Array }[] = [];
  #from = 0;
  #end = 0;

  constructor(where: string) {
    this.#where = where;
  }

  /** Position behind everything seen so far. */
  get end(): number {
    return this.#end;
  }

  push(bytes: Uint8Array): void {
    const start = this.#end;
    this.#end += bytes.byteLength;
    if (this.#end <= this.#from) return;
    this.#chunks.push({ start, bytes });
  }

  /** Lets go of everything before a position. */
  forget(from: number): void {
    this.#from = from;
    this.#chunks = this.#chunks.filter(({ start, bytes }) => start + bytes.byteLength > from);
  }

  /** The bytes from the position last given to {@link forget} up to `to`; all of them must have been seen. */
  take(to: number): Buffer {
    if (to - this.#from > MOST_BETWEEN)
      throw invalidLayer(this.#where, `${to - this.#from} bytes of headers or padding in a row`);
    const parts = this.#chunks
      .filter(({ start }) => start < to)
      .map(({ start, bytes }) =>
        bytes.subarray(Math.max(0, this.#from - start), Math.min(bytes.byteLength, to - start)),
      );
    return Buffer.concat(parts);
  }
}

const MOST_BETWEEN = 16 * 1024 * 1024;

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
  return new Map([...globals, ...own]);
}

/** Whether the bytes begin with the zero block that ends an archive. */
export function isEndOfArchive(raw: Buffer): boolean {
  return raw.byteLength >= BLOCK && isZero(raw);
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

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
