import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@baton/kernel';
import { needs, temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import type { TarEntry } from './tar-entry.ts';
import { writeTar } from './tar-write.ts';
import { bytesOf, directory, entry, hard, pieces, symbolic } from './test-tar.ts';

const LONG = `${'deep/'.repeat(40)}${'n'.repeat(120)}`;

function sample(): TarEntry[] {
  return [
    directory('dir', { mode: 0o1777, mtime: 1 }),
    entry('dir/ä b\n"c"', 'unicode', { mode: 0o600, uid: 3_000_000, gid: 4_000_000 }),
    entry('dir/tool', '#!/bin/sh\n', { mode: 0o4755, mtime: 1_700_000_000 }),
    entry('empty'),
    entry('p'.repeat(300), 'long name'),
    entry(LONG, 'deep'),
    symbolic('link', '../ü'),
    symbolic('long-link', 't/'.repeat(90)),
    hard('hard', 'dir/tool'),
    entry('fifo', '', { type: 'fifo' }),
  ];
}

const archive = async (entries: Iterable<TarEntry> | AsyncIterable<TarEntry>): Promise<Buffer> =>
  await bytesOf(writeTar(entries));

describe('writeTar', () => {
  test('writes the same bytes for ever', async () => {
    const bytes = await archive(sample());
    expect(sha256(bytes)).toBe('sha256:b948b783cbca40ad51f643dae4f462a7ddbe422a76c8c7c99549ca91788a4cba');
    expect(bytes.byteLength % 512).toBe(0);
    expect(bytes.subarray(-1024).every((byte) => byte === 0)).toBe(true);
  });

  test('an archive of nothing is its two end blocks', async () => {
    expect(await archive([])).toEqual(Buffer.alloc(1024));
  });

  test('how content arrives does not show', async () => {
    const content = Buffer.from('0123456789'.repeat(50_000));
    const whole = await archive([entry('a', content), entry('b', 'x')]);
    for (const size of [1000, 65_535, 65_536, 200_000]) {
      const streamed = { ...entry('a', content), content: () => pieces(content, size) };
      async function* given(): AsyncGenerator<TarEntry> {
        yield streamed;
        yield entry('b', 'x');
      }
      expect((await archive(given())).equals(whole)).toBe(true);
    }
  });

  test('a chunk that was handed out is never written to again', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => entry(`f${i}`, `content ${i}`));
    const seen: { chunk: Buffer; hash: string }[] = [];
    for await (const chunk of writeTar(many)) seen.push({ chunk, hash: sha256(chunk) });
    expect(seen.length).toBeGreaterThan(5);
    for (const { chunk, hash } of seen) expect(sha256(chunk)).toBe(hash);
  });

  test.each([
    ['fewer', 5, 4, 'expected 5 bytes, found 4'],
    ['more', 5, 6, 'expected 5 bytes, found more'],
    ['none', 5, 0, 'expected 5 bytes, found 0'],
  ])('a file that yields %s bytes than it promised is FILE_CHANGED', async (_, size, found, message) => {
    const changing = { ...entry('etc/file'), size, content: () => pieces(Buffer.alloc(found, 'x'), 2) };
    await expect(archive([changing])).rejects.toMatchObject({
      code: 'FILE_CHANGED',
      retryable: true,
      message: expect.stringContaining(`"etc/file" changed while it was read: ${message}`) as string,
    });
  });

  test('a file with a size and no content is FILE_CHANGED as well', async () => {
    await expect(archive([{ ...entry('a'), size: 1 }])).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  });

  test('what cannot be written is refused before a byte of it is', async () => {
    await expect(archive([entry('a'), entry('a')])).rejects.toMatchObject({ code: 'CONTEXT_INVALID' });
    await expect(archive([entry('../a')])).rejects.toMatchObject({ code: 'CONTEXT_INVALID' });
  });

  test('what a content source throws comes out as it is, and the source is closed', async () => {
    let closed = false;
    const failing = async function* (): AsyncGenerator<Buffer> {
      try {
        yield Buffer.from('x');
        throw new Error('disk on fire');
      } finally {
        closed = true;
      }
    };
    await expect(archive([{ ...entry('a'), size: 9, content: failing }])).rejects.toThrow('disk on fire');
    expect(closed).toBe(true);
  });

  test('a source that gives too much is closed too', async () => {
    let closed = false;
    const endless = async function* (): AsyncGenerator<Buffer> {
      try {
        for (;;) yield Buffer.from('x');
      } finally {
        closed = true;
      }
    };
    await expect(archive([{ ...entry('a'), size: 9, content: endless }])).rejects.toMatchObject({
      code: 'FILE_CHANGED',
    });
    expect(closed).toBe(true);
  });
});

describe('a file of 10 GiB', () => {
  const size = 10 * 1024 ** 3;
  const piece = Buffer.alloc(8 * 1024 * 1024);
  const large = {
    ...entry('large'),
    size,
    content: async function* (): AsyncGenerator<Buffer> {
      for (let left = size; left > 0; left -= piece.byteLength) yield piece;
    },
  };

  test('passes through without being kept', async () => {
    const before = process.memoryUsage().arrayBuffers;
    let written = 0;
    let most = 0;
    for await (const chunk of writeTar([large])) {
      written += chunk.byteLength;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    expect(written).toBe(3 * 512 + size + 1024);
    expect(most).toBeLessThan(64 * 1024 * 1024);
  });

  test('is listed by GNU tar with its size', async () => {
    const path = join(temporaryDirectory('tar'), 'large.tar');
    const parts = writeTar([large]);
    const first = await parts.next();
    await parts.return(undefined);
    // The content is zeros, so a sparse file holds it.
    writeFileSync(path, first.value ?? '');
    truncateSync(path, 3 * 512 + size + 1024);
    expect(execFileSync('tar', ['-tvf', path]).toString()).toContain(` ${size} `);
  });
});

describe('GNU tar', () => {
  test('lists every entry with its type, mode, owner, size, time and target', async () => {
    const path = join(temporaryDirectory('tar'), 'sample.tar');
    writeFileSync(path, await archive(sample()));
    const list = execFileSync('tar', ['--numeric-owner', '--utc', '--quoting-style=c', '-tvf', path], {
      env: { LC_ALL: 'C.UTF-8', PATH: process.env.PATH },
    });
    const lines = list
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.replace(/ +/g, ' '));
    expect(lines).toEqual([
      'drwxrwxrwt 0/0 0 1970-01-01 00:00 "dir/"',
      '-rw------- 3000000/4000000 7 1970-01-01 00:00 "dir/ä b\\n\\"c\\""',
      '-rwsr-xr-x 0/0 10 2023-11-14 22:13 "dir/tool"',
      '-rw-r--r-- 0/0 0 1970-01-01 00:00 "empty"',
      `-rw-r--r-- 0/0 9 1970-01-01 00:00 "${'p'.repeat(300)}"`,
      `-rw-r--r-- 0/0 4 1970-01-01 00:00 "${LONG}"`,
      'lrwxrwxrwx 0/0 0 1970-01-01 00:00 "link" -> "../ü"',
      `lrwxrwxrwx 0/0 0 1970-01-01 00:00 "long-link" -> "${'t/'.repeat(90)}"`,
      'hrw-r--r-- 0/0 0 1970-01-01 00:00 "hard" link to "dir/tool"',
      'prw-r--r-- 0/0 0 1970-01-01 00:00 "fifo"',
    ]);
  });

  test('unpacks it to what was put in', async () => {
    const dir = temporaryDirectory('tar');
    const entries = sample().filter(({ path }) => !path.startsWith('p'));
    execFileSync('tar', ['-xpf', '-', '--no-same-owner', '-C', dir], { input: await archive(entries) });
    for (const { path, type, mode, mtime, content, linkTarget } of entries) {
      const at = join(dir, path);
      const stat = lstatSync(at);
      if (type === 'symlink') {
        expect(readlinkSync(at)).toBe(linkTarget);
        continue;
      }
      if (type === 'hardlink') {
        expect(stat.ino).toBe(lstatSync(join(dir, linkTarget ?? '')).ino);
        continue;
      }
      expect([path, stat.mode & 0o7777, stat.mtimeMs / 1000]).toEqual([path, mode, mtime]);
      if (type === 'file') expect(readFileSync(at)).toEqual(Buffer.from((content as Buffer | undefined) ?? ''));
    }
  });

  needs('root')('unpacks owners as root', async () => {
    const dir = temporaryDirectory('tar');
    execFileSync('tar', ['-xpf', '-', '--numeric-owner', '-C', dir], {
      input: await archive([entry('f', 'x', { uid: 12, gid: 34 })]),
    });
    expect(lstatSync(join(dir, 'f'))).toMatchObject({ uid: 12, gid: 34 });
  });
});

test('hashing an archive piece by piece needs no second pass', async () => {
  const hash = createHash('sha256');
  for await (const chunk of writeTar(sample())) hash.update(chunk);
  expect(`sha256:${hash.digest('hex')}`).toBe(sha256(await archive(sample())));
});
