import { execFileSync } from 'node:child_process';
import { chmod, mkdir, open, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChildCommand, killMatrix, needs, temporaryDirectory, withTmpfs, writeFiles } from '@baton/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { observeEffects } from './effects.ts';
import { BatonError } from './errors.ts';
import {
  ensureDir,
  linkFile,
  readFileLimited,
  removeFile,
  removeTree,
  writeAll,
  writeFileAtomic,
  writeFileIfChanged,
} from './files.ts';

afterEach(() => observeEffects(undefined));

/** Records the effects from now on as 'kind name'. */
function record(): string[] {
  const seen: string[] = [];
  observeEffects({ before: ({ kind, target }) => void seen.push(`${kind} ${target.split('/').at(-1)}`) });
  return seen;
}

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

describe('ensureDir', () => {
  test('makes what is missing in one effect, and nothing the second time', async () => {
    const path = join(temporaryDirectory(), 'a', 'b', 'c');
    const seen = record();
    await ensureDir(path);
    await ensureDir(path);
    expect((await stat(path)).isDirectory()).toBe(true);
    expect(seen).toEqual(['mkdir c']);
  });

  test('is done for many callers at once, also where they share missing parents', async () => {
    const root = join(temporaryDirectory(), 'a', 'b');
    const paths = Array.from({ length: 20 }, (_, n) => join(root, `c${n % 5}`, 'd'));
    await Promise.all(paths.map((path) => ensureDir(path)));
    for (const path of paths) expect((await stat(path)).isDirectory()).toBe(true);
  });

  test('fails where a file is in the way', async () => {
    const dir = temporaryDirectory();
    await writeFile(join(dir, 'file'), '');
    await expect(ensureDir(join(dir, 'file', 'sub'))).rejects.toThrow(/ENOTDIR|EEXIST/);
  });
});

describe('writeFileAtomic', () => {
  test('writes the bytes with the mode asked for, whatever the umask', async () => {
    const dir = temporaryDirectory();
    const umask = process.umask(0o077);
    try {
      await writeFileAtomic(join(dir, 'plain'), Buffer.from([0, 255, 13]));
      await writeFileAtomic(join(dir, 'program'), '#!', { mode: 0o755 });
    } finally {
      process.umask(umask);
    }
    expect([...(await readFile(join(dir, 'plain')))]).toEqual([0, 255, 13]);
    expect(await modeOf(join(dir, 'plain'))).toBe(0o644);
    expect(await modeOf(join(dir, 'program'))).toBe(0o755);
  });

  test('replaces a read-only file and leaves nothing else behind', async () => {
    const dir = temporaryDirectory();
    await writeFile(join(dir, 'f'), 'old', { mode: 0o444 });
    await writeFileAtomic(join(dir, 'f'), 'new');
    expect(await readFile(join(dir, 'f'), 'utf8')).toBe('new');
    expect(await readdir(dir)).toEqual(['f']);
  });

  test('syncs the file before the rename and the directory after it', async () => {
    const dir = temporaryDirectory();
    const seen = record();
    await writeFileAtomic(join(dir, 'f'), 'x');
    expect(seen.map((line) => line.split(' ')[0])).toEqual(['write', 'rename', 'fsync']);
  });

  test('keeps the old content and removes its temporary file when the rename fails', async () => {
    const dir = temporaryDirectory();
    await mkdir(join(dir, 'f', 'full'), { recursive: true });
    const attempt = writeFileAtomic(join(dir, 'f'), 'x');
    await expect(attempt).rejects.toMatchObject({ code: 'FILE_FAILED', details: { path: join(dir, 'f') } });
    expect(await readdir(dir)).toEqual(['f']);
    expect(await readdir(join(dir, 'f'))).toEqual(['full']);
  });

  test('names the file that could not be written', async () => {
    const attempt = writeFileAtomic('/proc/self/nothing/file', 'x');
    await expect(attempt).rejects.toThrow(/^\/proc\/self\/nothing\/file could not be written: ENOENT/);
  });

  test('leaves the old or the new content after a kill at any effect', async () => {
    const kernel = join(import.meta.dirname, 'index.ts');
    const prepare = async (): Promise<{ file: string; command: ChildCommand }> => {
      const dir = temporaryDirectory();
      const file = join(dir, 'state', 'f');
      await writeFiles(dir, {
        'child.ts': `import { writeFileAtomic } from ${JSON.stringify(kernel)};
          await writeFileAtomic(${JSON.stringify(file)}, 'new content');`,
        'state/f': 'old',
      });
      return { file, command: { script: join(dir, 'child.ts') } };
    };
    const points = await killMatrix(prepare, async ({ file }, { effect, when }) => {
      const isRenamed = effect.kind === 'fsync' || (effect.kind === 'rename' && when === 'after');
      expect(await readFile(file, 'utf8')).toBe(isRenamed ? 'new content' : 'old');
    });
    expect(points.map(({ effect }) => effect.kind)).toEqual(['write', 'write', 'rename', 'rename', 'fsync', 'fsync']);
  });

  needs('tmpfs')('on a full disk it says so, keeps the old content and gives the space back', async () => {
    await withTmpfs('64k', async (dir) => {
      const path = join(dir, 'f');
      await writeFileAtomic(path, 'old');
      const attempt = writeFileAtomic(path, Buffer.alloc(1_000_000));
      await expect(attempt).rejects.toMatchObject({ code: 'DISK_FULL', exitCode: 3 });
      await expect(attempt).rejects.toThrow(`${path} could not be written: ENOSPC`);
      expect(await readFile(path, 'utf8')).toBe('old');
      expect(await readdir(dir)).toEqual(['f']);
      await writeFileAtomic(path, 'small');
    });
  });
});

describe('writeAll', () => {
  test('goes on after a short write until everything is written', async () => {
    const path = join(temporaryDirectory(), 'f');
    const handle = await open(path, 'w');
    const whole = handle.write.bind(handle);
    const short = (bytes: Uint8Array, offset: number, length: number) =>
      whole(bytes, offset, Math.min(length, 3), null);
    Object.assign(handle, { write: short });
    try {
      await writeAll(handle, Buffer.from('ten bytes!'));
    } finally {
      await handle.close();
    }
    expect(await readFile(path, 'utf8')).toBe('ten bytes!');
  });
});

test('writeFileIfChanged writes only what differs', async () => {
  const path = join(temporaryDirectory(), 'f');
  expect(await writeFileIfChanged(path, Buffer.from('a'))).toBe(true);
  const seen = record();
  expect(await writeFileIfChanged(path, Buffer.from('a'))).toBe(false);
  expect(seen).toEqual([]);
  expect(await writeFileIfChanged(path, Buffer.from('b'))).toBe(true);
  expect(await readFile(path, 'utf8')).toBe('b');
});

describe('removing', () => {
  test('an absent file or directory is no error, a directory as a file is', async () => {
    const dir = temporaryDirectory();
    await writeFiles(dir, { 'sub/f': '', g: '' });
    await removeFile(join(dir, 'g'));
    await removeFile(join(dir, 'g'));
    await expect(removeFile(join(dir, 'sub'))).rejects.toThrow(/EISDIR|EPERM/);
    await removeTree(join(dir, 'sub'));
    await removeTree(join(dir, 'sub'));
    expect(await readdir(dir)).toEqual([]);
  });

  test('a tree does not follow links out of itself', async () => {
    const dir = temporaryDirectory();
    await writeFiles(dir, { 'outside/f': 'x', 'tree/g': '' });
    await symlink('../outside', join(dir, 'tree', 'link'));
    await removeTree(join(dir, 'tree'));
    expect(await readFile(join(dir, 'outside', 'f'), 'utf8')).toBe('x');
  });
});

test('linkFile gives a file a second name, and leaves a name that exists alone', async () => {
  const dir = temporaryDirectory();
  await writeFiles(dir, { a: 'a', b: 'b' });
  await linkFile(join(dir, 'a'), join(dir, 'c'));
  await linkFile(join(dir, 'a'), join(dir, 'b'));
  expect((await stat(join(dir, 'c'))).ino).toBe((await stat(join(dir, 'a'))).ino);
  expect(await readFile(join(dir, 'b'), 'utf8')).toBe('b');
  await expect(linkFile(join(dir, 'none'), join(dir, 'd'))).rejects.toThrow(/ENOENT/);
});

describe('readFileLimited', () => {
  test('reads up to the limit and refuses one byte more', async () => {
    const path = join(temporaryDirectory(), 'f');
    await writeFile(path, Buffer.alloc(10_000, 7));
    expect((await readFileLimited(path, 10_000)).equals(Buffer.alloc(10_000, 7))).toBe(true);
    await expect(readFileLimited(path, 9_999)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  test('reads an empty file, and one whose size says nothing', async () => {
    const path = join(temporaryDirectory(), 'f');
    await writeFile(path, '');
    expect((await readFileLimited(path, 10)).byteLength).toBe(0);
    expect((await readFileLimited('/proc/self/environ', 10_000_000)).byteLength).toBeGreaterThan(0);
  });

  test('refuses a huge sparse file without reading it', async () => {
    const path = join(temporaryDirectory(), 'f');
    await writeFile(path, '');
    await truncate(path, 10 * 1024 ** 3);
    await expect(readFileLimited(path, 1024)).rejects.toThrow(/10737418240 bytes or more, and at most 1024/);
  });

  test('refuses directories, devices and named pipes instead of waiting for them', async () => {
    const dir = temporaryDirectory();
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    for (const path of [dir, '/dev/zero', join(dir, 'pipe')]) {
      await expect(readFileLimited(path, 1024)).rejects.toThrow(`${path} is not a regular file`);
    }
  });

  test('passes the error of the operating system on', async () => {
    const attempt = readFileLimited(join(temporaryDirectory(), 'none'), 10);
    await expect(attempt).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(attempt).rejects.not.toBeInstanceOf(BatonError);
  });
});

test('a directory that may not be read does not keep a new one below it from being made', async () => {
  const dir = temporaryDirectory();
  await chmod(dir, 0o300);
  await ensureDir(join(dir, 'new'));
  await chmod(dir, 0o700);
  expect(await readdir(dir)).toEqual(['new']);
});
