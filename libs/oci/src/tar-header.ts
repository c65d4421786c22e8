import { BatonError, compareText } from '@baton/kernel';
import type { TarHeader } from './tar-entry.ts';

/** Every header and every content of an archive fills whole blocks of this many bytes (POSIX.1-2017, pax, "ustar Interchange Format"). */
export const BLOCK = 512;

/** How many bytes fill the last block of `size` bytes. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

const TYPE_FLAGS = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
} as const;
// Other readers (Go's archive/tar) refuse more.
const MOST_RECORDS = 1024 * 1024;

/**
 * The header blocks of an entry that {@link checkHeader} accepts: one ustar block, and before it an extended header
 * (POSIX.1-2017 pax, type `x`, records sorted by key) with whatever ustar cannot hold: long or non-ASCII names and
 * targets, sizes from 8 GiB, large or negative numbers, extended attributes (`SCHILY.xattr.*`).
 */
export function encodeHeader(header: TarHeader): Buffer {
  const records = new Map<string, Uint8Array>();
  const name = header.type === 'directory' ? `${header.path}/` : header.path;
  const split = splitName(name);
  if (split === undefined) records.set('path', Buffer.from(name));
  const link = fitText('linkpath', header.linkTarget ?? '', 100, records);
  const block = encodeBlock({
    name: split ?? { prefix: '', name: fallback(name, 100) },
    mode: header.mode,
    uid: fitNumber('uid', header.uid, 7, records),
    gid: fitNumber('gid', header.gid, 7, records),
    size: fitNumber('size', header.size, 11, records),
    mtime: fitNumber('mtime', header.mtime, 11, records),
    type: TYPE_FLAGS[header.type],
    link,
    uname: fitText('uname', header.uname ?? '', 31, records),
    gname: fitText('gname', header.gname ?? '', 31, records),
    major: deviceNumber(header, header.device?.major ?? 0),
    minor: deviceNumber(header, header.device?.minor ?? 0),
  });
  for (const [key, value] of Object.entries(header.xattrs ?? {})) records.set(`SCHILY.xattr.${key}`, value);
  if (records.size === 0) return block;
  return Buffer.concat([encodeExtended(header, records), block]);
}

function encodeExtended(header: TarHeader, records: ReadonlyMap<string, Uint8Array>): Buffer {
  const keys = [...records.keys()].sort(compareText);
  const body = Buffer.concat(keys.map((key) => encodeRecord(key, records.get(key) ?? Buffer.alloc(0))));
  if (body.byteLength > MOST_RECORDS) {
    const message = `cannot write the entry ${JSON.stringify(header.path.slice(0, 120))}: its names and extended attributes have ${body.byteLength} bytes, more than ${MOST_RECORDS}`;
    throw new BatonError('CONTEXT_INVALID', message);
  }
  const block = encodeBlock({
    name: { prefix: '', name: `PaxHeaders.0/${fallback(header.path, 80)}` },
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: body.byteLength,
    mtime: 0,
    type: 'x',
    link: '',
    uname: '',
    gname: '',
    major: 0,
    minor: 0,
  });
  return Buffer.concat([block, body, Buffer.alloc(padding(body.byteLength))]);
}

// "<length> <key>=<value>\n", where the length counts its own digits.
function encodeRecord(key: string, value: Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.byteLength;
  while (String(length).length + rest.byteLength !== length) length = String(length).length + rest.byteLength;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

interface Fields {
  name: { prefix: string; name: string };
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtime: number;
  type: string;
  link: string;
  uname: string;
  gname: string;
  major: number;
  minor: number;
}

function encodeBlock(fields: Fields): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(fields.name.name, 0, 'latin1');
  writeOctal(block, fields.mode, 100, 7);
  writeOctal(block, fields.uid, 108, 7);
  writeOctal(block, fields.gid, 116, 7);
  writeOctal(block, fields.size, 124, 11);
  writeOctal(block, fields.mtime, 136, 11);
  block.fill(' ', 148, 156);
  block.write(fields.type, 156, 'latin1');
  block.write(fields.link, 157, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(fields.uname, 265, 'latin1');
  block.write(fields.gname, 297, 'latin1');
  writeOctal(block, fields.major, 329, 7);
  writeOctal(block, fields.minor, 337, 7);
  block.write(fields.name.prefix, 345, 'latin1');
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function writeOctal(block: Buffer, value: number, offset: number, digits: number): void {
  block.write(value.toString(8).padStart(digits, '0'), offset, 'latin1');
}

// Where ustar has no room the field holds 0: a reader that knows extended headers never looks at it.
function fitNumber(key: string, value: number, digits: number, records: Map<string, Uint8Array>): number {
  if (value >= 0 && value < 8 ** digits) return value;
  records.set(key, Buffer.from(String(value)));
  return 0;
}

function fitText(key: string, text: string, most: number, records: Map<string, Uint8Array>): string {
  if (isAscii(text) && text.length <= most) return text;
  records.set(key, Buffer.from(text));
  return fallback(text, most);
}

function deviceNumber(header: TarHeader, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0 && value < 8 ** 7) return value;
  throw new BatonError(
    'CONTEXT_INVALID',
    `cannot write the entry ${JSON.stringify(header.path)}: its device number ${value} does not fit`,
  );
}

function splitName(name: string): { prefix: string; name: string } | undefined {
  if (!isAscii(name)) return undefined;
  if (name.length <= 100) return { prefix: '', name };
  // The slash between the two is not stored; one that ends the name of a directory stays with the name.
  const slash = name.slice(0, -1).lastIndexOf('/', 155);
  if (slash <= 0 || name.length - slash - 1 > 100) return undefined;
  return { prefix: name.slice(0, slash), name: name.slice(slash + 1) };
}

function isAscii(text: string): boolean {
  return /^[\x01-\x7f]*$/.test(text);
}

function fallback(text: string, most: number): string {
  return text.replace(/[^\x20-\x7e]/gu, '_').slice(-most);
}
