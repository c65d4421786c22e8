import { appendFileSync, writeFileSync } from 'node:fs';
import { chmod, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProgressEvent, sha256, silent } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { type FileSource, hashFile, streamFile } from './file-content.ts';

const MIB = 1024 * 1024;

async function file(content: string | Buffer): Promise<FileSource> {
  const absolute = join(temporaryDirectory(), 'f');
  await writeFile(absolute, content);
  return { absolute, size: Buffer.byteLength(content), name: 'src/f' };
}

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

describe('hashing a file', () => {
  test('gives its digest, and its bytes when asked', async () => {
    for (const content of [Buffer.alloc(0), Buffer.from('hello'), Buffer.alloc(3 * MIB + 5, 'ab')]) {
      const source = await file(content);
      expect(await hashFile(source, { keep: false, emit: silent })).toEqual({ digest: sha256(content) });
      const { digest, bytes } = await hashFile(source, { keep: true, emit: silent });
      expect([digest, bytes?.equals(content)]).toEqual([sha256(content), true]);
    }
  });

  test('a large sparse file passes through in constant memory, and tells how far it is', async () => {
    const source = { ...(await file('')), size: 256 * MIB };
    await truncate(source.absolute, source.size);
    const events: ProgressEvent[] = [];
    let most = 0;
    const before = process.memoryUsage().arrayBuffers;
    await hashFile(source, {
      keep: false,
      emit: (event) => {
        events.push(event);
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      },
    });
    expect(most).toBeLessThan(16 * MIB);
    expect(events.map((e) => [e.type, (e.done ?? 0) / MIB])).toEqual([
      ['hash.start', 0],
      ...[64, 128, 192, 256].map((done) => ['hash.progress', done]),
      ['hash.end', 256],
    ]);
    expect(new Set(events.map((e) => e.id)).size).toBe(1);
  });

  test('a file of another size than listed is FILE_CHANGED', async () => {
    const source = await file('hello');
    for (const size of [4, 6]) {
      await expect(hashFile({ ...source, size }, { keep: false, emit: silent })).rejects.toMatchObject({
        code: 'FILE_CHANGED',
        message: expect.stringContaining('src/f changed while it was being read'),
        retryable: true,
      });
    }
  });

  test('a file that grows, or is rewritten at the same size, while it is read is FILE_CHANGED', async () => {
    for (const change of [appendFileSync, (path: string, text: string) => writeFileSync(path, text, { flag: 'r+' })]) {
      const source = { ...(await file('')), size: 128 * MIB };
      await truncate(source.absolute, source.size);
      const emit = (event: ProgressEvent): void => {
        if (event.type === 'hash.progress' && event.done === 64 * MIB) change(source.absolute, 'more');
      };
      await expect(hashFile(source, { keep: false, emit })).rejects.toMatchObject({ code: 'FILE_CHANGED' });
    }
  });

  test('a file that became a link or went away is FILE_CHANGED', async () => {
    const source = await file('hello');
    await rename(source.absolute, `${source.absolute}.old`);
    await expect(hashFile(source, { keep: false, emit: silent })).rejects.toMatchObject({ code: 'FILE_CHANGED' });
    await symlink(`${source.absolute}.old`, source.absolute);
    await expect(hashFile(source, { keep: false, emit: silent })).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  });

  test('a file that may not be read is FILE_UNREADABLE and named', async () => {
    const source = await file('hello');
    await chmod(source.absolute, 0);
    const root = process.getuid?.() === 0;
    if (root) process.seteuid?.(65534);
    try {
      await expect(hashFile(source, { keep: false, emit: silent })).rejects.toMatchObject({
        code: 'FILE_UNREADABLE',
        message: 'src/f cannot be read: permission denied',
      });
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  test('an abort ends it', async () => {
    const source = await file('hello');
    const options = { keep: false, emit: silent, signal: AbortSignal.abort() };
    await expect(hashFile(source, options)).rejects.toThrow(/abort/);
  });
});

describe('streaming a hashed file', () => {
  test('gives its bytes', async () => {
    const content = Buffer.alloc(2 * MIB + 1, 'xyz');
    const source = await file(content);
    expect((await collect(streamFile(source, sha256(content), undefined))).equals(content)).toBe(true);
  });

  test('other bytes than were hashed are FILE_CHANGED', async () => {
    const source = await file('hello');
    await writeFile(source.absolute, 'hullo');
    await expect(collect(streamFile(source, sha256('hello'), undefined))).rejects.toMatchObject({
      code: 'FILE_CHANGED',
    });
  });
});
