import { describe, expect, test } from 'vitest';
import { BLOCK, encodeHeader, padding } from './tar-header.ts';
import { directory, entry, symbolic } from './test-tar.ts';

const field = (block: Buffer, offset: number, length: number): string =>
  block.toString('latin1', offset, offset + length).replace(/\0.*$/s, '');
const records = (header: Buffer): string =>
  header.toString('utf8', BLOCK, BLOCK + Number.parseInt(field(header, 124, 12), 8));

test('what ustar can hold takes one block', () => {
  const block = encodeHeader(entry('bin/tool', 'abc', { mode: 0o4755, uid: 1, gid: 0o7777777, mtime: 8 ** 11 - 1 }));
  expect(block.byteLength).toBe(BLOCK);
  expect(field(block, 0, 100)).toBe('bin/tool');
  expect([field(block, 100, 8), field(block, 108, 8), field(block, 116, 8)]).toEqual(['0004755', '0000001', '7777777']);
  expect([field(block, 124, 12), field(block, 136, 12)]).toEqual(['00000000003', '77777777777']);
  expect(block.toString('latin1', 257, 265)).toBe('ustar\x0000');
  expect([field(block, 265, 32), field(block, 297, 32)]).toEqual(['', '']);
});

test('the checksum is the sum of all bytes with its own field as blanks', () => {
  const block = encodeHeader(entry('a'));
  const stored = Number.parseInt(field(block, 148, 8), 8);
  block.fill(' ', 148, 156);
  expect(block.reduce((sum, byte) => sum + byte, 0)).toBe(stored);
});

describe('names', () => {
  const part = 'p'.repeat(80);

  test('of 101 to 255 bytes are split at a slash where that fits', () => {
    const block = encodeHeader(entry(`${part}/${part}`));
    expect(block.byteLength).toBe(BLOCK);
    expect([field(block, 345, 155), field(block, 0, 100)]).toEqual([part, part]);
  });

  test('exactly 100 bytes need no split, and a directory counts its slash', () => {
    expect(field(encodeHeader(entry('n'.repeat(100))), 0, 100)).toBe('n'.repeat(100));
    expect(encodeHeader(directory('n'.repeat(99))).byteLength).toBe(BLOCK);
    expect(encodeHeader(directory('n'.repeat(100))).byteLength).toBe(3 * BLOCK);
  });

  test('a prefix may have 155 bytes and no more', () => {
    expect(encodeHeader(entry(`${'a'.repeat(155)}/b`)).byteLength).toBe(BLOCK);
    expect(records(encodeHeader(entry(`${'a'.repeat(156)}/b`)))).toBe(`168 path=${'a'.repeat(156)}/b\n`);
  });

  test('that do not fit, or are not ASCII, go into an extended header', () => {
    expect(records(encodeHeader(entry('ä')))).toBe('11 path=ä\n');
    expect(records(encodeHeader(symbolic('l', 'ü')))).toBe('15 linkpath=ü\n');
    expect(encodeHeader(symbolic('l', 't'.repeat(100))).byteLength).toBe(BLOCK);
    expect(records(encodeHeader(symbolic('l', 't'.repeat(101))))).toBe(`115 linkpath=${'t'.repeat(101)}\n`);
  });
});

test('numbers that do not fit go into an extended header, sorted by key', () => {
  const header = encodeHeader({ ...entry('f'), size: 8 ** 11, uid: 8 ** 7, gid: 8 ** 7, mtime: -1 });
  expect(records(header)).toBe('15 gid=2097152\n12 mtime=-1\n19 size=8589934592\n15 uid=2097152\n');
  expect(field(header, 156, 1)).toBe('x');
});

test('a record counts the digits of its own length', () => {
  for (let length = 1; length < 1200; length += 7) {
    const name = 'é'.repeat(length);
    const [record, rest] = records(encodeHeader(entry(name))).split('\n');
    expect(rest).toBe('');
    expect(Number.parseInt(record ?? '', 10)).toBe(Buffer.byteLength(`${record}\n`));
  }
});

test('extended attributes keep their bytes', () => {
  const value = Buffer.from([1, 0, 0xff, 0x0a, 0x3d]);
  const header = encodeHeader(entry('f', '', { xattrs: { 'user.b': Buffer.from('2'), 'security.capability': value } }));
  const body = header.subarray(BLOCK, 2 * BLOCK);
  const first = Buffer.concat([Buffer.from('42 SCHILY.xattr.security.capability='), value, Buffer.from('\n')]);
  expect(body.subarray(0, first.byteLength)).toEqual(first);
  expect(body.toString('latin1', first.byteLength, first.byteLength + 25)).toBe('25 SCHILY.xattr.user.b=2\n');
});

test('what no other reader takes is refused', () => {
  const huge = entry('f', '', { xattrs: { 'user.a': Buffer.alloc(1024 * 1024) } });
  expect(() => encodeHeader(huge)).toThrow(expect.objectContaining({ code: 'CONTEXT_INVALID' }));
  const device = entry('d', '', { type: 'block', device: { major: 8 ** 7, minor: 0 } });
  expect(() => encodeHeader(device)).toThrow(expect.objectContaining({ code: 'CONTEXT_INVALID' }));
});

test('padding fills the last block', () => {
  expect([0, 1, 511, 512, 513, 2 ** 40 + 1].map(padding)).toEqual([0, 511, 1, 0, 511, 511]);
});
