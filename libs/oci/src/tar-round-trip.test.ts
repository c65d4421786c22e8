import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathProblem, type TarEntry } from './tar-entry.ts';
import { writeTar } from './tar-write.ts';
import { bytesOf, directory, entry, hard, pieces, readAll, symbolic } from './test-tar.ts';

const archive = async (...entries: TarEntry[]): Promise<Buffer> => await bytesOf(writeTar(entries));

describe('what the writer wrote', () => {
  const name = fc.stringMatching(/^[a-z.ä→ ]{1,9}$/).filter((part) => pathProblem(part) === undefined);
  const path = fc
    .array(fc.oneof({ weight: 5, arbitrary: name }, fc.constant('long'.repeat(40))), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/'));
  const common = fc.record({
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.oneof(fc.nat(1000), fc.nat(2 ** 40)),
    gid: fc.oneof(fc.nat(1000), fc.nat(2 ** 40)),
    mtime: fc.oneof(fc.nat(2_000_000_000), fc.constantFrom(-5, 2 ** 34)),
  });
  const owner = fc.record({ uname: fc.constantFrom('root', 'jürgen', 'u'.repeat(40)), gname: fc.constant('wheel') });
  const xattrs = fc.dictionary(fc.stringMatching(/^user\.[a-z]{1,5}$/), fc.uint8Array({ maxLength: 9 }), {
    minKeys: 1,
    maxKeys: 2,
  });
  const kind = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }).map((content) => ({ type: 'file' as const, size: content.byteLength, content })),
    fc.constantFrom<Partial<TarEntry>>(
      { type: 'directory' },
      { type: 'fifo' },
      { type: 'block', device: { major: 8, minor: 1 } },
    ),
    fc.constantFrom('a', '../ü', '/x'.repeat(80)).map((linkTarget) => ({ type: 'symlink' as const, linkTarget })),
    path.map((linkTarget) => ({ type: 'hardlink' as const, linkTarget })),
  );
  const entries = fc.uniqueArray(
    fc.tuple(path, common, kind, fc.option(owner), fc.option(xattrs)).map(
      ([at, header, what, owned, attributes]): TarEntry => ({
        ...entry(at),
        ...header,
        ...what,
        ...owned,
        ...(attributes === null
          ? {}
          : {
              xattrs: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, Buffer.from(value)])),
            }),
      }),
    ),
    { selector: ({ path: at }) => at, maxLength: 6 },
  );

  test('is read back, however its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.integer({ min: 1, max: 3000 }), async (given, size) => {
        const read = await readAll(pieces(await archive(...given), size));
        const expected = given.map(({ content, ...header }) => ({
          header,
          content: Buffer.from((content as Uint8Array | undefined) ?? ''),
        }));
        expect(read).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  test('cut off anywhere before its end mark is LAYER_INVALID', async () => {
    const bytes = await archive(
      directory('d'),
      entry('d/ä', 'x'.repeat(700)),
      entry('e', 'y'.repeat(512)),
      symbolic('s', 'ü'),
    );
    const end = bytes.byteLength - 1024;
    for (let length = 0; length <= end; length += length % 512 === 0 ? 1 : 511) {
      await expect(readAll(pieces(bytes.subarray(0, length))), `${length} bytes`).rejects.toMatchObject({
        code: 'LAYER_INVALID',
      });
    }
    expect(await readAll(pieces(bytes.subarray(0, end + 512)))).toHaveLength(4);
  });

  test('with bytes changed is read in full or LAYER_INVALID, and never anything else', async () => {
    const bytes = await archive(
      directory('d'),
      entry('d/ä', 'abc', { xattrs: { 'user.a': Buffer.of(1) } }),
      hard('h', 'd/ä'),
    );
    const change = fc.record({ at: fc.nat(bytes.byteLength - 1), to: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const changed = Buffer.from(bytes);
        for (const { at, to } of changes) changed[at] = to;
        await readAll(pieces(changed, 1000)).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'LAYER_INVALID' });
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe('archives of GNU tar', () => {
  const dir = temporaryDirectory('gnu');
  const deep = `${'deep/'.repeat(30)}end`;
  mkdirSync(join(dir, 'in', deep), { recursive: true });
  writeFileSync(join(dir, 'in', deep, 'n'.repeat(150)), 'long');
  writeFileSync(join(dir, 'in', 'ü'), 'unicode', { mode: 0o755 });
  mkdirSync(join(dir, 'in', 'plain'));
  writeFileSync(join(dir, 'in', 'big'), Buffer.alloc(100_000, 'x'));
  symlinkSync('t'.repeat(140), join(dir, 'in', 'symlink'));
  linkSync(join(dir, 'in', 'ü'), join(dir, 'in', 'ü-hard'));

  test.each(['gnu', 'oldgnu', 'posix', 'pax'])('in the format %s are read', async (format) => {
    const args = [
      '-c',
      `--format=${format}`,
      '--sort=name',
      '--numeric-owner',
      '--owner=7',
      '--group=8',
      '--mtime=@1234.5',
      '.',
    ];
    const bytes = execFileSync('tar', args, { cwd: join(dir, 'in'), maxBuffer: 1 << 24 });
    const read = await readAll(pieces(bytes, 777));
    const at = new Map(read.map((item) => [item.header.path, item]));
    expect(at.size).toBe(read.length);
    expect(at.get(`${deep}/${'n'.repeat(150)}`)?.content.toString()).toBe('long');
    expect(at.get('ü')).toMatchObject({
      header: { uid: 7, gid: 8, mtime: 1234, mode: 0o755 },
      content: Buffer.from('unicode'),
    });
    expect(at.get('ü-hard')?.header).toMatchObject({ type: 'hardlink', linkTarget: 'ü' });
    expect(at.get('symlink')?.header.linkTarget).toBe('t'.repeat(140));
    expect(at.get('big')?.content.byteLength).toBe(100_000);
    expect(at.get('deep')?.header.type).toBe('directory');
  });

  test.each(['v7', 'ustar'])('in the format %s are read', async (format) => {
    const args = ['-c', `--format=${format}`, '--numeric-owner', 'big', 'plain'];
    const bytes = execFileSync('tar', args, { cwd: join(dir, 'in'), maxBuffer: 1 << 24 });
    const types = (await readAll(pieces(bytes))).map(({ header }) => [header.path, header.type]);
    expect(types).toEqual([
      ['big', 'file'],
      ['plain', 'directory'],
    ]);
  });
});
