import { createHash } from 'node:crypto';
import { BatonError } from '@baton/kernel';
import type { ObjectFormat } from '../objects.ts';
import type { BytePath } from './byte-path.ts';

/**
 * One entry of an index, a view into the bytes it was read from: 40 bytes that begin with ten numbers of 32 bits (ctime, its
 * nanoseconds, mtime, its nanoseconds, dev, ino, mode, uid, gid, size), the id, flags; gitformat-index(5).
 */
export interface IndexEntry {
  readonly path: BytePath;
  readonly source: Buffer;
  /** Where its numbers begin in `source`. */
  readonly at: number;
  /** Bits of {@link ASSUME_VALID}, and those of the stage. */
  readonly flags: number;
  /** Bits of {@link SKIP_WORKTREE}. */
  readonly extended: number;
}

/** An index file as it was read. */
export interface IndexFile {
  version: 2 | 3 | 4;
  entries: IndexEntry[];
  /** Names of the extensions, in order. */
  extensions: string[];
  /** Whether entries are elsewhere or stand for whole directories (split and sparse index): git must write it out first. */
  partial: boolean;
}

export const ASSUME_VALID = 0x8000;
const EXTENDED = 0x4000;
const STAGE = 0x3000;
export const SKIP_WORKTREE = 0x4000;

/** Bytes of the numbers of an entry. */
export const STAT_BYTES = 40;
const NAME_MASK = 0xfff;
const HEADER_BYTES = 12;

/** Bytes of an id. */
export function idBytes(format: ObjectFormat): number {
  return format === 'sha1' ? 20 : 32;
}

/**
 * Reads an index file of version 2, 3 or 4.
 *
 * @throws BatonError `GIT_FAILED` for anything else
 */
export function parseIndex(bytes: Buffer, format: ObjectFormat): IndexFile {
  const hash = idBytes(format);
  if (bytes.byteLength < HEADER_BYTES + hash || bytes.toString('latin1', 0, 4) !== 'DIRC') throw broken('no index');
  const version = bytes.readUInt32BE(4);
  if (version !== 2 && version !== 3 && version !== 4) throw broken(`version ${version}, and 2, 3 and 4 are known`);
  const count = bytes.readUInt32BE(8);
  const end = bytes.byteLength - hash;
  const entries: IndexEntry[] = [];
  let at = HEADER_BYTES;
  let previous = '';
  for (let n = 0; n < count; n += 1) {
    if (at + STAT_BYTES + hash + 2 > end) throw broken(`it ends within entry ${n + 1} of ${count}`);
    const flags = bytes.readUInt16BE(at + STAT_BYTES + hash);
    let name = at + STAT_BYTES + hash + 2;
    const extended = (flags & EXTENDED) === 0 ? 0 : bytes.readUInt16BE(name);
    if ((flags & EXTENDED) !== 0) name += 2;
    let path: BytePath;
    let next: number;
    if (version === 4) {
      const strip = readOffset(bytes, name);
      const stop = bytes.indexOf(0, strip.next);
      if (stop === -1 || stop >= end || strip.value > previous.length) throw broken(`the name of entry ${n + 1}`);
      path = previous.slice(0, previous.length - strip.value) + bytes.toString('latin1', strip.next, stop);
      next = stop + 1;
    } else {
      const stop = (flags & NAME_MASK) < NAME_MASK ? name + (flags & NAME_MASK) : bytes.indexOf(0, name);
      if (stop === -1 || stop >= end) throw broken(`the name of entry ${n + 1}`);
      path = bytes.toString('latin1', name, stop);
      next = at + ((stop - at + 8) & ~7);
    }
    entries.push({ path, source: bytes, at, flags: flags & ~NAME_MASK, extended });
    previous = path;
    at = next;
    if (at > end) throw broken(`it ends within entry ${n + 1} of ${count}`);
  }
  const extensions = extensionNames(bytes, at, end);
  // Of those that git must understand (lower case), `link` refers to another file and `sdir` allows directories as entries.
  return { version, entries, extensions, partial: extensions.some((name) => /^[a-z]/.test(name)) };
}

function extensionNames(bytes: Buffer, start: number, end: number): string[] {
  const names: string[] = [];
  for (let at = start; at < end; ) {
    if (at + 8 > end) throw broken('an extension is cut off');
    names.push(bytes.toString('latin1', at, at + 4));
    at += 8 + bytes.readUInt32BE(at + 4);
    if (at > end) throw broken('an extension is cut off');
  }
  return names;
}

/** An entry to be written. */
export interface NewEntry {
  path: BytePath;
  /** 40 bytes of numbers and the id, in `source` from `at`. */
  source: Buffer;
  at: number;
  flags: number;
  extended: number;
}

/**
 * The bytes of an index of these entries, which must be sorted by path. Version 2 becomes 3, and 3 becomes 2, as the flags of
 * the entries ask for; 4 stays 4.
 *
 * @param cacheTree the content of the extension `TREE`, when the entries are exactly one tree
 */
export function serializeIndex(
  version: 2 | 3 | 4,
  format: ObjectFormat,
  entries: readonly NewEntry[],
  cacheTree: Buffer | undefined,
): Buffer {
  const hash = idBytes(format);
  const isExtended = entries.some(({ extended }) => extended !== 0);
  let size = HEADER_BYTES + hash + (cacheTree === undefined ? 0 : 8 + cacheTree.byteLength);
  for (const { path } of entries) size += STAT_BYTES + hash + 4 + path.length + 8;
  const out = Buffer.alloc(size);
  out.write('DIRC', 'latin1');
  out.writeUInt32BE(version === 4 ? 4 : isExtended ? 3 : 2, 4);
  out.writeUInt32BE(entries.length, 8);
  let at = HEADER_BYTES;
  let previous = '';
  for (const entry of entries) {
    const start = at;
    entry.source.copy(out, at, entry.at, entry.at + STAT_BYTES + hash);
    at += STAT_BYTES + hash;
    const flags = (entry.flags & (ASSUME_VALID | STAGE)) | (entry.extended === 0 ? 0 : EXTENDED);
    at = out.writeUInt16BE(flags | Math.min(entry.path.length, NAME_MASK), at);
    if (entry.extended !== 0) at = out.writeUInt16BE(entry.extended, at);
    if (version === 4) {
      const shared = sharedLength(previous, entry.path);
      at = writeOffset(out, at, previous.length - shared);
      at += out.write(entry.path.slice(shared), at, 'latin1') + 1;
    } else {
      at += out.write(entry.path, at, 'latin1');
      at = start + ((at - start + 8) & ~7);
    }
    previous = entry.path;
  }
  if (cacheTree !== undefined) {
    at += out.write('TREE', at, 'latin1');
    at = out.writeUInt32BE(cacheTree.byteLength, at);
    at += cacheTree.copy(out, at);
  }
  const body = out.subarray(0, at);
  createHash(format).update(body).digest().copy(out, at);
  return out.subarray(0, at + hash);
}

// The number of bytes to take off, as offsets stand in packs: each byte but the last has its highest bit set and adds one.
function readOffset(bytes: Buffer, start: number): { value: number; next: number } {
  let at = start;
  let byte = bytes[at] ?? 0;
  let value = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    at += 1;
    byte = bytes[at] ?? 0;
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return { value, next: at + 1 };
}

function writeOffset(out: Buffer, at: number, value: number): number {
  const digits = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest -= 1;
    digits.unshift(0x80 | (rest & 0x7f));
  }
  return at + Buffer.from(digits).copy(out, at);
}

function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let n = 0;
  while (n < most && a.charCodeAt(n) === b.charCodeAt(n)) n += 1;
  return n;
}

function broken(what: string): BatonError {
  return new BatonError('GIT_FAILED', `the index cannot be read: ${what}`, {
    hint: 'Run "git status"; "git read-tree HEAD" makes a new index from the commit.',
  });
}
