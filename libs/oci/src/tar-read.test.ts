import { describe, expect, test } from 'vitest';
import type { TarEntry, TarHeader } from './tar-entry.ts';
import { encodeHeader } from './tar-header.ts';
import { readTar } from './tar-read.ts';
import { writeTar } from './tar-write.ts';
import { bytesOf, directory, entry, hard, pieces, readAll, symbolic } from './test-tar.ts';

const END = Buffer.alloc(1024);
const invalid = (part = ''): unknown =>
  expect.objectContaining({ code: 'LAYER_INVALID', message: expect.stringContaining(part) as string });
const raw = (...blocks: Uint8Array[]): AsyncGenerator<Buffer> => pieces(Buffer.concat([...blocks, END]));
const archive = async (...entries: TarEntry[]): Promise<Buffer> => await bytesOf(writeTar(entries));

describe('names', () => {
  test.each([
    ['./a', 'a'],
    ['.//a', 'a'],
    ['a//b', 'a/b'],
    ['a/./b', 'a/b'],
    ['.a', '.a'],
    ['...', '...'],
  ])('%s is %s', async (name, path) => {
    expect((await readAll(raw(encodeHeader(entry(name)))))[0]?.header.path).toBe(path);
  });

  test('the root itself is dropped', async () => {
    expect(await readAll(raw(encodeHeader(directory('.')), encodeHeader(entry('./a'))))).toHaveLength(1);
  });

  test.each([
    '/etc/passwd',
    '..',
    '../a',
    'a/../b',
    'a/..',
    './../a',
    '//a',
    'a'.repeat(5000),
  ])('%s is refused', async (name) => {
    await expect(readAll(raw(encodeHeader(entry(name)), Buffer.alloc(0)))).rejects.toEqual(invalid('an entry named'));
    await expect(readAll(raw(encodeHeader(directory(name))))).rejects.toEqual(invalid('an entry named'));
  });

  test('a file without a name is refused', async () => {
    await expect(readAll(raw(encodeHeader(entry('.'))))).rejects.toEqual(invalid('it is empty'));
  });

  test('a name that is not UTF-8 is refused rather than replaced', async () => {
    const block = encodeHeader(entry('aXb'));
    block[1] = 0xff;
    await expect(readAll(raw(sealed(block)))).rejects.toEqual(invalid('not UTF-8'));
  });

  test.each(['../x', 'a/../../x', '', '..'])('a hard link to %j is refused', async (target) => {
    await expect(readAll(raw(encodeHeader(hard('h', target))))).rejects.toEqual(invalid('a hardlink, "h"'));
  });

  test("a hard link's target may have the root's slash or a dot before it", async () => {
    for (const target of ['/bin/sh', './bin/sh', 'bin/sh']) {
      expect((await readAll(raw(encodeHeader(hard('h', target)))))[0]?.header.linkTarget).toBe('bin/sh');
    }
  });

  test("a symlink's target is kept as it is, but it must have one", async () => {
    for (const target of ['/etc', '../../x', './a//b']) {
      expect((await readAll(raw(encodeHeader(symbolic('s', target)))))[0]?.header.linkTarget).toBe(target);
    }
    await expect(readAll(raw(encodeHeader(symbolic('s', ''))))).rejects.toEqual(invalid('a symlink, "s"'));
  });
});

/** The block with the checksum of what is in it now. */
function sealed(block: Buffer): Buffer {
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function withType(header: TarHeader, type: string): Buffer {
  const block = encodeHeader(header);
  block.write(type, 156, 'latin1');
  return sealed(block);
}

describe('what readers disagree about', () => {
  test.each(['S', 'V', 'M', 'D', 'Z'])('type %s is refused', async (type) => {
    await expect(readAll(raw(withType(entry('a'), type)))).rejects.toEqual(invalid('unknown type, "a"'));
  });

  test('a link that claims to have content is refused', async () => {
    for (const type of ['1', '2', '3', '6']) {
      const header = { ...entry('a', 'x'.repeat(600)), linkTarget: 'b' };
      await expect(readAll(raw(withType(header, type), Buffer.alloc(1024)))).rejects.toEqual(
        invalid('claims to have content'),
      );
    }
  });

  test('a directory that claims to have a size has none', async () => {
    const read = await readAll(raw(withType({ ...entry('d', 'x'.repeat(600)) }, '5'), encodeHeader(entry('e'))));
    expect(read.map(({ header }) => [header.path, header.type, header.size])).toEqual([
      ['d', 'directory', 0],
      ['e', 'file', 0],
    ]);
  });

  test('an old-style directory, a file with a slash behind its name, is one if it is empty', async () => {
    const [read] = await readAll(raw(withType(directory('d'), '0')));
    expect(read?.header.type).toBe('directory');
    await expect(readAll(raw(withType({ ...directory('d'), size: 5 }, '0'), Buffer.alloc(512)))).rejects.toEqual(
      invalid('content'),
    );
  });

  test('entries behind the end mark are refused, zeros there are not', async () => {
    const one = await archive(entry('a', 'x'));
    await expect(readAll(pieces(Buffer.concat([one, one])))).rejects.toEqual(invalid('behind the zero blocks'));
    expect(await readAll(pieces(Buffer.concat([one, Buffer.alloc(9216)])))).toHaveLength(1);
  });

  test('sparse files are refused by name', async () => {
    const [block, body] = [withType({ ...entry('x'), size: 22 }, 'x'), Buffer.alloc(512)];
    body.write('22 GNU.sparse.major=1\n');
    await expect(readAll(raw(block, body, encodeHeader(entry('hole'))))).rejects.toEqual(
      invalid('a sparse file, "hole"'),
    );
  });

  test.each([
    ['mode', 100],
    ['uid', 108],
    ['gid', 116],
    ['mtime', 136],
  ])('a %s that is no number is refused', async (key, at) => {
    const block = encodeHeader(entry('a'));
    block.write('zzzzzzz', at, 'latin1');
    await expect(readAll(raw(sealed(block)))).rejects.toEqual(invalid(`whose ${key}`));
  });

  test.each([
    '10 uid=-1\n',
    '10 gid=1x\n',
    '25 uid=99999999999999999\n',
    '13 mtime=1e3\n',
    '11 size=0x\n',
  ])('the record %j is refused', async (record) => {
    expect(Number.parseInt(record, 10)).toBe(record.length);
    const block = withType({ ...entry('x'), size: record.length }, 'x');
    const body = Buffer.alloc(512);
    body.write(record);
    await expect(readAll(raw(block, body, encodeHeader(entry('a'))))).rejects.toEqual(invalid('not a number'));
  });

  test('the type of a file in the bits above its mode is dropped', async () => {
    const block = encodeHeader(entry('a'));
    block.write('0100755', 100, 'latin1');
    expect((await readAll(raw(sealed(block))))[0]?.header.mode).toBe(0o755);
  });

  test('something that is no archive is refused', async () => {
    await expect(readAll(pieces(Buffer.alloc(0)))).rejects.toEqual(invalid('without its end mark'));
    await expect(readAll(pieces(Buffer.from('hello')))).rejects.toEqual(invalid());
    await expect(readAll(pieces(Buffer.alloc(2048, 'hello')))).rejects.toEqual(invalid());
  });
});

describe('reading in pieces', () => {
  const three = async (): Promise<Buffer> =>
    await archive(entry('a', 'A'.repeat(200_000)), entry('b', 'B'.repeat(200_000)), entry('c', 'C'));

  test('a body that is not read, or not to its end, is skipped', async () => {
    const seen: string[] = [];
    for await (const { header, body } of readTar(pieces(await three(), 10_000), 'x')) {
      seen.push(header.path);
      if (header.path === 'b') {
        for await (const chunk of body) {
          seen.push(chunk.toString('latin1', 0, 1));
          break;
        }
      }
    }
    expect(seen).toEqual(['a', 'b', 'B', 'c']);
  });

  test('a body that is read too late is an error and not empty', async () => {
    let first: AsyncIterable<Buffer> | undefined;
    for await (const { body } of readTar(pieces(await three()), 'x')) first ??= body;
    await expect(bytesOf(first ?? pieces(Buffer.alloc(0)))).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test('stopping early closes the source', async () => {
    let closed = false;
    const source = async function* (): AsyncGenerator<Buffer> {
      try {
        yield* pieces(await three(), 5000);
      } finally {
        closed = true;
      }
    };
    for await (const { header } of readTar(source(), 'x')) if (header.path === 'b') break;
    expect(closed).toBe(true);
  });

  test('what the source throws comes out as it is, at the entry and in its body', async () => {
    const bytes = await three();
    const failing = async function* (length: number): AsyncGenerator<Buffer> {
      yield* pieces(bytes.subarray(0, length), 4096);
      throw new RangeError('connection lost');
    };
    await expect(readAll(failing(100))).rejects.toThrow(new RangeError('connection lost'));
    await expect(readAll(failing(150_000))).rejects.toThrow(new RangeError('connection lost'));
  });

  test('a large file is never held in memory', async () => {
    const size = 9 * 1024 ** 3;
    const piece = Buffer.alloc(1024 * 1024);
    let asked = 0;
    const endless = async function* (): AsyncGenerator<Buffer> {
      yield encodeHeader({ ...entry('large'), size });
      for (;;) {
        asked += piece.byteLength;
        yield piece;
      }
    };
    let read = 0;
    for await (const { header, body } of readTar(endless(), 'x')) {
      expect(header.size).toBe(size);
      for await (const chunk of body) {
        read += chunk.byteLength;
        if (read > 32 * piece.byteLength) break;
      }
      break;
    }
    expect(asked - read).toBeLessThan(4 * piece.byteLength);
  });
});
