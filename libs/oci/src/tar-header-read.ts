import { BLOCK } from './tar-header.ts';

/** One header block as it stands there; names are bytes. A number that cannot be read is NaN. */
export interface RawHeader {
  name: Buffer;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtime: number;
  /** One character; `0` for the zero byte of old archives. */
  flag: string;
  link: Buffer;
  uname: string;
  gname: string;
  major: number;
  minor: number;
}

/** Reads a header block: ustar, GNU or older. Undefined when its checksum is wrong. */
export function decodeBlock(block: Buffer): RawHeader | undefined {
  if (checksum(block) !== readNumber(block, 148, 8)) return undefined;
  // "ustar\0" is POSIX; "ustar  " is GNU, which uses the place of the prefix otherwise; before both, nothing is there.
  const magic = block.toString('latin1', 257, 263);
  const posix = magic === 'ustar\0';
  const known = posix || magic === 'ustar ';
  const name = readText(block, 0, 100);
  const prefix = posix ? readText(block, 345, 155) : Buffer.alloc(0);
  const flag = block.readUInt8(156);
  return {
    name: prefix.byteLength === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]),
    mode: readNumber(block, 100, 8),
    uid: readNumber(block, 108, 8),
    gid: readNumber(block, 116, 8),
    size: readNumber(block, 124, 12),
    mtime: readNumber(block, 136, 12),
    flag: flag === 0 ? '0' : String.fromCharCode(flag),
    link: readText(block, 157, 100),
    uname: known ? readText(block, 265, 32).toString('utf8') : '',
    gname: known ? readText(block, 297, 32).toString('utf8') : '',
    major: known ? readNumber(block, 329, 8) : 0,
    minor: known ? readNumber(block, 337, 8) : 0,
  };
}

/** The bytes before the first zero byte, as a copy that does not keep the block alive. */
export function readText(bytes: Buffer, start: number, length: number): Buffer {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return Buffer.from(end === -1 ? field : field.subarray(0, end));
}

/** A block of zeros, which ends an archive. */
export function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}

// Octal digits with spaces before and a space or zero byte behind, or binary (GNU) when the highest bit is set.
function readNumber(block: Buffer, start: number, length: number): number {
  if (block.readUInt8(start) >= 0x80) return readBinary(block, start, length);
  let at = start;
  const end = start + length;
  while (at < end && block[at] === 0x20) at += 1;
  let value = 0;
  for (; at < end; at += 1) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  // What stands behind the end of the number is anybody's.
  return at === end || block[at] === 0x20 || block[at] === 0 ? value : Number.NaN;
}

function readBinary(block: Buffer, start: number, length: number): number {
  const first = block.readUInt8(start);
  if (first !== 0x80 && first !== 0xff) return Number.NaN;
  let value = first === 0xff ? -1 : 0;
  for (let at = start + 1; at < start + length; at += 1) value = value * 256 + block.readUInt8(at);
  return value;
}

function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < 148; at += 1) sum += block[at] ?? 0;
  for (let at = 156; at < BLOCK; at += 1) sum += block[at] ?? 0;
  return sum;
}
