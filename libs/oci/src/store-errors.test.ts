import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestHex, sha256 } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { absent, diskFull, isFull, missing, quarantine } from './store-errors.ts';

const DIGEST = sha256('x');
const failure = (code: string): Error => Object.assign(new Error(code), { code });

describe('quarantine', () => {
  test('moves a file to the first free name, and says where', async () => {
    const root = temporaryDirectory('quarantine');
    const path = join(root, 'blob');
    const folder = join(root, 'quarantine');
    mkdirSync(folder);
    writeFileSync(join(folder, `${digestHex(DIGEST)}.0`), 'older');
    writeFileSync(path, 'bad');
    const error = await quarantine(root, path, DIGEST, statSync(path).ino);
    const target = join(folder, `${digestHex(DIGEST)}.1`);
    expect(readFileSync(target, 'utf8')).toBe('bad');
    expect(error).toMatchObject({ code: 'STORE_CORRUPT', retryable: true, details: { digest: DIGEST, root } });
    expect(error.message).toContain(target);
  });

  test('a file that is gone, or another one, is left alone', async () => {
    const root = temporaryDirectory('quarantine');
    const path = join(root, 'blob');
    expect((await quarantine(root, path, DIGEST, 1)).code).toBe('STORE_CORRUPT');
    writeFileSync(path, 'good');
    await quarantine(root, path, DIGEST, statSync(path).ino + 1);
    expect(readdirSync(root)).toEqual(['blob']);
  });
});

test('a full disk and a full quota are both DISK_FULL, and may pass', () => {
  expect(['ENOSPC', 'EDQUOT', 'EIO'].map((code) => isFull(failure(code)))).toEqual([true, true, false]);
  expect(isFull(undefined)).toBe(false);
  expect(diskFull(failure('ENOSPC'), '/cache')).toMatchObject({ code: 'DISK_FULL', retryable: true });
});

test('a missing blob names itself and the store', () => {
  expect(missing(DIGEST, '/cache').message).toBe(`expected the blob ${DIGEST} in /cache, found nothing`);
});

test('only "nothing there" is taken for absent', () => {
  expect(absent(failure('ENOENT'))).toBeUndefined();
  expect(() => absent(failure('EACCES'))).toThrow('EACCES');
});
