import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { emptyLock, LOCK_FILE_NAME, lockBytes, readLock, writeLock } from './lock-file.ts';
import { parseLock } from './lock-schema.ts';

const integrity = `sha512-${'A'.repeat(86)}==`;
const digest = `sha256:${'0'.repeat(64)}` as const;
const deb = { version: '1:2-3', sha256: 'f'.repeat(64), size: 10 };

describe('a lock file', () => {
  test('that is absent pins nothing', async () => {
    expect(await readLock(temporaryDirectory())).toEqual(emptyLock());
  });

  test('keeps what was written, and is not written again', async () => {
    const dir = temporaryDirectory();
    const lock = {
      ...emptyLock(),
      bases: { 'registry.example/base:1': { digest, mediaType: 'application/x', platforms: ['linux/amd64'] } },
      npm: { '@scope/name@1.0.0': { integrity }, 'name@2.0.0': { integrity } },
      debian: { amd64: { libc6: deb } },
    };
    expect(await writeLock(dir, lock)).toBe(true);
    const { mtimeNs } = await stat(join(dir, LOCK_FILE_NAME), { bigint: true });
    expect(await writeLock(dir, lock)).toBe(false);
    expect((await stat(join(dir, LOCK_FILE_NAME), { bigint: true })).mtimeNs).toBe(mtimeNs);
    expect(await readLock(dir)).toEqual(lock);
  });

  test('has the same bytes whatever order its entries came in', () => {
    const some = { ...emptyLock(), debian: { arm64: { b: deb, a: deb }, amd64: { c: deb } } };
    const same = { ...emptyLock(), debian: { amd64: { c: deb }, arm64: { a: deb, b: deb } } };
    expect(lockBytes(some)).toEqual(lockBytes(same));
    expect(lockBytes(some).toString().endsWith('}\n')).toBe(true);
  });

  const broken: [what: string, text: string, message: RegExp][] = [
    ['no JSON', '{', /is not JSON$/],
    ['a newer version', '{"lockVersion":2}', /has lockVersion 2; this Baton knows 1$/],
    ['no version', '{}', /not a valid lock at lockVersion/],
    ['an unknown key', '{"lockVersion":1,"gems":{}}', /not a valid lock.*gems/],
    ['a weak integrity', '{"lockVersion":1,"npm":{"a@1":{"integrity":"sha1-xx"}}}', /at npm.a@1.integrity/],
    [
      'a bad digest',
      '{"lockVersion":1,"bases":{"a":{"digest":"sha256:x","mediaType":"m","platforms":[]}}}',
      /bases.a.digest/,
    ],
    [
      'a negative size',
      `{"lockVersion":1,"debian":{"amd64":{"a":{"version":"1","sha256":"${'a'.repeat(64)}","size":-1}}}}`,
      /size/,
    ],
  ];
  for (const [what, text, message] of broken) {
    test(`with ${what} is LOCK_INVALID and says where`, () => {
      expect(() => parseLock(Buffer.from(text), 'some/image.lock.json')).toThrow(
        expect.objectContaining({
          code: 'LOCK_INVALID',
          message: expect.stringMatching(message),
          hint: expect.any(String),
        }),
      );
    });
  }

  test('that is not UTF-8 is LOCK_INVALID', () => {
    expect(() => parseLock(Buffer.from([0x22, 0xff, 0x22]), 'x')).toThrow(
      expect.objectContaining({ code: 'LOCK_INVALID' }),
    );
  });

  test('that cannot be read is an error, not an empty lock', async () => {
    const dir = temporaryDirectory();
    await mkdir(join(dir, LOCK_FILE_NAME));
    await expect(readLock(dir)).rejects.toThrow(/EISDIR/);
  });

  test('without optional sections is one that pins nothing there', async () => {
    const dir = temporaryDirectory();
    await writeFile(join(dir, LOCK_FILE_NAME), '{"lockVersion":1}');
    expect(await readLock(dir)).toEqual(emptyLock());
    expect(await readFile(join(dir, LOCK_FILE_NAME), 'utf8')).toBe('{"lockVersion":1}');
  });
});
