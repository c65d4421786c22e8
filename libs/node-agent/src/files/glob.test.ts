import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { needs, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { seededRandom } from '../python-text/test-random.ts';
import { askPython } from '../test-python.ts';
import { glob } from './glob.ts';

test('hidden names are met by patterns that begin with a dot only', () => {
  const dir = tree();
  expect(glob(`${dir}/*`).map((path) => path.slice(dir.length + 1))).not.toContain('.h');
  expect(glob(`${dir}/.*`).map((path) => path.slice(dir.length + 1))).toEqual(['.h']);
});

test('undecodable names are met and given back', () => {
  const dir = temporaryDirectory();
  writeFileSync(Buffer.concat([Buffer.from(`${dir}/a`), Buffer.from([0xff]), Buffer.from('.log')]), '');
  expect(glob(`${dir}/a?.log`)).toEqual([`${dir}/a\udcff.log`]);
});

needs('python')('random patterns stand for what they stand for in Python', () => {
  const dir = tree();
  const random = seededRandom(11);
  const parts: [string, ...string[]] = [
    '*',
    'a*',
    '[ab]',
    '?',
    'a',
    'b',
    '',
    '.',
    '..',
    '.*',
    'file',
    'link',
    'dang*',
    'dangling',
    '[',
    'a[1]',
    '**',
    '[!a]*',
    '*/',
    'nope',
    '[.]h',
    'é*',
  ];
  const patterns = Array.from({ length: 3000 }, () => {
    const pattern = Array.from({ length: 1 + random.below(4) }, () => random.pick(parts)).join('/');
    return random.chance(0.5) ? `${dir}/${pattern}` : `${dir}//${pattern}`;
  });
  const python = askPython(`import glob\nanswer([sorted(glob.glob(pattern)) for pattern in ask])`, patterns);
  expect(patterns.map((pattern) => glob(pattern).sort(byCodePoint))).toEqual(python);
});

needs('python')('relative patterns start in the working directory', () => {
  const dir = tree();
  const before = process.cwd();
  const patterns = ['*', 'a/*', '*/b', './*', '', 'a*/', '[', 'file'];
  process.chdir(dir);
  try {
    expect(patterns.map((pattern) => glob(pattern).sort(byCodePoint))).toEqual(
      askPython(`import glob\nanswer([sorted(glob.glob(pattern)) for pattern in ask])`, patterns, { cwd: dir }),
    );
  } finally {
    process.chdir(before);
  }
});

function tree(): string {
  // Deep enough for patterns full of `..` to stay inside.
  const dir = join(temporaryDirectory(), '1/2/3/4');
  for (const name of ['a/b/c', 'b/b/a', 'ab/file', 'a[1]/a', 'a1/a', '.h/x', 'file', '[', 'a/.h', 'é/a']) {
    mkdirSync(join(dir, dirname(name)), { recursive: true });
    writeFileSync(join(dir, name), '');
  }
  symlinkSync('nowhere', join(dir, 'dangling'));
  symlinkSync('a', join(dir, 'link'));
  symlinkSync('nowhere', join(dir, 'a/dangling'));
  return dir;
}

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
