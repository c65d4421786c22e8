import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { needs, temporaryDirectory, withTmpfs } from '@baton/testkit';
import { expect, test } from 'vitest';
import { PythonError } from '../crash.ts';
import { type Random, seededRandom } from '../python-text/test-random.ts';
import { askPython } from '../test-python.ts';
import { copyTree } from './copy-tree.ts';

test('modes and times come along, those of directories last, also of the top one', () => {
  const dir = temporaryDirectory();
  make(dir, ['s', 'dir', 0o710], ['s/d', 'dir', 0o500], ['s/d/f', 'file', 0o4751], ['t', 'dir', 0o777]);
  copyTree(`${dir}/s`, `${dir}/t`);
  expect(['', '/d', '/d/f'].map((name) => lstatSync(`${dir}/t${name}`).mode.toString(8))).toEqual([
    '40710',
    '40500',
    '104751',
  ]);
  for (const name of ['', '/d', '/d/f']) expect(microsecond(`${dir}/t${name}`)).toBe(microsecond(`${dir}/s${name}`));
});

test('a file that is there is overwritten in place, through a link', () => {
  const dir = temporaryDirectory();
  make(dir, ['s', 'dir'], ['s/f', 'file', 0o600], ['t', 'dir'], ['real', 'file', 0o644], ['t/f', 'link', '../real']);
  const { ino } = statSync(join(dir, 'real'));
  copyTree(`${dir}/s`, `${dir}/t`);
  expect(readlinkSync(join(dir, 't/f'))).toBe('../real');
  expect(statSync(join(dir, 'real'))).toMatchObject({ ino, mode: 0o100600 });
  expect(readFileSync(join(dir, 'real'))).toEqual(readFileSync(join(dir, 's/f')));
});

test('links in the source become what they stand for', () => {
  const dir = temporaryDirectory();
  make(dir, ['s', 'dir'], ['o', 'dir'], ['o/f', 'file'], ['s/d', 'link', '../o'], ['s/f', 'link', '../o/f']);
  copyTree(`${dir}/s`, `${dir}/t`);
  expect([lstatSync(join(dir, 't/d')).isDirectory(), lstatSync(join(dir, 't/f')).isFile()]).toEqual([true, true]);
  expect(existsSync(join(dir, 't/d/f'))).toBe(true);
});

test('problems of single entries are told together when all else is copied', () => {
  const dir = temporaryDirectory();
  make(
    dir,
    ['s', 'dir', 0o711],
    ['s/a', 'link', 'nowhere'],
    ['s/b', 'fifo'],
    ['s/c', 'file'],
    ['s/d', 'dir'],
    ['t', 'dir'],
    ['t/d', 'file'],
  );
  const error = thrown(() => copyTree(`${dir}/s`, `${dir}/t`));
  expect(error).toMatchObject({ type: 'shutil.Error' });
  expect(String(error).replaceAll(dir, '')).toBe(
    'PythonError: [' +
      `('/s/a', '/t/a', "[Errno 2] No such file or directory: '/s/a'"), ` +
      "('/s/b', '/t/b', '`/s/b` is a named pipe'), " +
      `('/s/d', '/t/d', "[Errno 17] File exists: '/t/d'")]`,
  );
  expect(existsSync(join(dir, 't/c'))).toBe(true);
  expect(lstatSync(join(dir, 't')).mode & 0o777).toBe(0o711);
});

test('a source that is not there and a target that is a file end it at once', () => {
  const dir = temporaryDirectory();
  make(dir, ['s', 'dir'], ['f', 'file']);
  expect(thrown(() => copyTree(`${dir}/no`, `${dir}/t`))).toMatchObject({
    type: 'FileNotFoundError',
    message: `[Errno 2] No such file or directory: '${dir}/no'`,
  });
  expect(existsSync(join(dir, 't'))).toBe(false);
  expect(thrown(() => copyTree(`${dir}/s`, `${dir}/f`))).toMatchObject({ type: 'FileExistsError' });
});

needs('tmpfs')('a full disk is told, and the other files are copied', async () => {
  const dir = temporaryDirectory();
  make(dir, ['s', 'dir'], ['s/a', 'file'], ['s/b', 'file']);
  writeFileSync(join(dir, 's/a'), Buffer.alloc(2_000_000));
  await withTmpfs('1m', async (disk) => {
    const error = thrown(() => copyTree(`${dir}/s`, `${disk}/t`));
    expect(error).toMatchObject({ type: 'shutil.Error', message: expect.stringMatching(/No space left on device/) });
    expect(existsSync(join(disk, 't/b'))).toBe(true);
  });
});

test('names that are no UTF-8', () => {
  const dir = temporaryDirectory();
  make(dir, ['s', 'dir']);
  writeFileSync(Buffer.from(`${dir}/s/\xff`, 'latin1'), 'x');
  copyTree(`${dir}/s`, `${dir}/t`);
  expect(readdirSync(Buffer.from(`${dir}/t`), 'buffer')).toEqual([Buffer.from([0xff])]);
});

needs('python', 'root')('random trees end up as with shutil.copytree', () => {
  const base = temporaryDirectory();
  const worlds = Array.from({ length: 120 }, (_, i) => {
    const [ours, theirs] = [`${base}/o${i}`, `${base}/p${i}`];
    for (const dir of [ours, theirs]) {
      mkdirSync(dir);
      make(dir, ...randomWorld(seededRandom(i)));
    }
    return { ours, theirs };
  });
  const ours = worlds.map(({ ours: dir }) => {
    const before = process.cwd();
    process.chdir(dir);
    try {
      const error = thrown(() => copyTree('s', 't'));
      return error instanceof PythonError ? `${error.type}: ${error.message}` : error;
    } finally {
      process.chdir(before);
    }
  });
  const theirs = askPython(
    `import os, shutil
real = os.scandir
class Sorted: # so that several problems come in a known order
    def __init__(self, path): self.list = sorted(real(path), key=lambda entry: os.fsencode(entry.name))
    def __enter__(self): return self.list
    def __exit__(self, *_): pass
os.scandir = Sorted
def copy(dir):
    os.chdir(dir)
    try: shutil.copytree('s', 't', dirs_exist_ok=True)
    except shutil.Error as e: return 'shutil.Error: ' + str(e)
    except OSError as e: return type(e).__name__ + ': ' + str(e)
os.umask(${process.umask()})
answer([copy(dir) for dir in ask])`,
    worlds.map(({ theirs: dir }) => dir),
  );
  expect(ours.map((message) => message ?? null)).toEqual(theirs);
  expect(worlds.map((world) => look(world.ours))).toEqual(worlds.map((world) => look(world.theirs)));
  expect(ours.filter((message) => message === undefined).length).toBeGreaterThan(20);
  expect(ours.filter((message) => message !== undefined).length).toBeGreaterThan(20);
});

needs('python')('times are kept to the microsecond, whatever their nanoseconds', () => {
  const dir = temporaryDirectory();
  const random = seededRandom(9);
  const times = Array.from({ length: 400 }, (_, i) => {
    const rest = random.pick([0, 999, 1000, 999_999_000, 999_999_999, random.below(1e9), random.below(1e6) * 1000]);
    return BigInt(i === 0 ? 0 : random.below(2 ** 32)) * 1_000_000_000n + BigInt(rest);
  });
  make(dir, ['s', 'dir'], ...times.map((_, i): Entry => [`s/${i}`, 'file']));
  askPython(
    `import os
for i, ns in enumerate(ask): os.utime(str(i), ns=(int(ns), int(ns)))
answer(None)`,
    times.map(String),
    { cwd: join(dir, 's') },
  );
  copyTree(`${dir}/s`, `${dir}/t`);
  expect(times.map((_, i) => microsecond(`${dir}/t/${i}`))).toEqual(times.map((time) => time / 1000n));
});

/** A path below the world, what is there, and its mode or what it points to. */
type Entry =
  | [path: string, kind: 'dir' | 'file' | 'fifo', mode?: number]
  | [path: string, kind: 'link' | 'hard', target: string];

/** Contents and times follow from the paths, so that two worlds are alike. */
function make(dir: string, ...entries: Entry[]): void {
  for (const [path, kind, what] of entries) {
    const full = join(dir, path);
    if (kind === 'dir') mkdirSync(full, { recursive: true });
    else if (kind === 'file') writeFileSync(full, path.repeat(path.length % 3 === 0 ? 0 : 10_000));
    else if (kind === 'fifo') linkSync(pipe(path.startsWith('s/')), full);
    else if (kind === 'hard') linkSync(join(dir, String(what)), full);
    else symlinkSync(String(what), full);
    if (typeof what === 'number') chmodSync(full, what);
  }
  for (const [path, kind] of entries.toReversed()) {
    const time = 1_700_000_000.123457 + Buffer.from(path).reduce((sum, byte) => sum * 7 + byte, 0) / 1000;
    if (kind !== 'link' && kind !== 'hard') utimesSync(join(dir, path), time, time);
  }
}

const pipes = new Map<boolean, string>();

/** One pipe for all sources and one for all targets: making a pipe takes a program. */
function pipe(source: boolean): string {
  const known = pipes.get(source);
  if (known !== undefined) return known;
  const made = join(temporaryDirectory(), 'pipe');
  execFileSync('mkfifo', [made]);
  pipes.set(source, made);
  return made;
}

function randomWorld(random: Random): Entry[] {
  const entries: Entry[] = [
    ['o', 'dir'],
    ['o/f', 'file'],
    ['o/d', 'dir', 0o751],
    ['o/d/f', 'file', 0o400],
    ['q', 'dir'],
    ['q/f', 'file'],
  ];
  const modes: [number, ...number[]] = [0o644, 0o600, 0o755, 0o4755, 0o2711, 0o444, 0];
  const troubled = random.chance(0.7);
  const fill = (dir: string, depth: number, source: boolean): void => {
    for (const name of ['a', 'b', 'c', 'ü']) {
      const path = `${dir}/${name}`;
      const kind = random.below(source ? 8 : 9);
      const up = '../'.repeat(depth + 1);
      if (kind < 3) entries.push([path, 'file', random.pick(modes)]);
      else if (kind === 3 && depth < 3) {
        entries.push([path, 'dir', random.pick(modes) | 0o700]);
        fill(path, depth + 1, source);
      } else if (kind === 4)
        entries.push([path, 'link', random.pick(source ? [`${up}o`, `${up}o/f`] : [`${up}q`, `${up}q/f`])]);
      else if (kind === 5 && troubled) entries.push([path, 'link', random.pick(['nowhere', name, 'a', 'b', 'x/y'])]);
      else if (kind === 6 && troubled && random.chance(0.3)) entries.push([path, 'fifo']);
      else if (
        kind === 7 &&
        troubled &&
        !source &&
        entries.some(([other, what]) => other === `s/${name}` && what === 'file')
      ) {
        entries.push(random.chance(0.5) ? [path, 'hard', `s/${name}`] : [path, 'link', `${up}s/${name}`]);
      }
    }
  };
  entries.push(['s', 'dir', random.pick(modes) | 0o700]);
  fill('s', 0, true);
  if (random.chance(0.8)) {
    entries.push(['t', 'dir']);
    fill('t', 0, false);
  }
  return entries;
}

/** Everything below a world: type, mode, time and contents. Times that the copy did not set are those of the run: left out. */
function look(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(dir, name);
      const stats = lstatSync(path);
      if (stats.isSymbolicLink()) return `${name} -> ${readlinkSync(path)}`;
      const time = stats.mtimeMs < 1_760_000_000_000 ? microsecond(path) : 'now';
      return `${name} ${stats.mode.toString(8)} ${time} ${stats.isFile() ? contents(readFileSync(path, 'utf8')) : ''}`;
    });
}

function microsecond(path: string): bigint {
  return lstatSync(path, { bigint: true }).mtimeNs / 1000n;
}

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

function contents(text: string): string {
  return `${text.slice(0, 20)}... ${text.length}`;
}
