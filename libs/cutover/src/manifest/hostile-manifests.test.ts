import { BatonError } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import { parseCutover } from './load-cutover.ts';

const HEAD = 'version: 1\nname: pump\ncommit: {author: {name: A B, email: a@example.com}, subject: s}\n';

function outcome(text: string): string {
  try {
    const { paths, edits } = parseCutover(Buffer.from(HEAD + text), 'cutover.yaml');
    return `${paths.length} path operations, ${edits.length} edits`;
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    expect(error.code).toBe('CUTOVER_INVALID');
    return error.message;
  }
}

/** CPU seconds of a call. */
function seconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const DESTINATIONS: readonly ((path: string) => string)[] = [
  (path) => `paths:\n  - create: {path: ${path}, text: x}\n`,
  (path) => `paths:\n  - move: {from: a, to: ${path}}\n`,
  (path) => `paths:\n  - move: {from: ${path}, to: a}\n`,
  (path) => `paths:\n  - flatten: {dir: a, into: ${path}}\n`,
  (path) => `paths:\n  - link: {path: ${path}, target: a}\n`,
  (path) => `paths:\n  - mode: {path: ${path}, exec: true}\n`,
  (path) => `paths:\n  - delete: {glob: ${path}}\n`,
  (path) => `paths:\n  - create: {path: a, from: ${path}}\n`,
  (path) => `edits:\n  - replace: {in: ${path}, find: a, with: b}\n`,
  (path) => `edits:\n  - notes: {in: ${path}, under: a, text: b}\n`,
  (path) => `edits:\n  - merge: {in: a, ours: ${path}, theirs: b, how: concat}\n`,
  (path) => `edits:\n  - yaml.carry: {in: a, from: ${path}, node: a, to: b}\n`,
  (path) => `edits:\n  - replace-file: {in: a, from: ${path}}\n`,
  (path) => `generate:\n  - run: {cmd: [a], outputs: [${path}]}\n`,
  (path) => `generate:\n  - run: {cmd: [a], cwd: ${path}, outputs: [a]}\n`,
  (path) => `accept:\n  - {id: a, same-blob: {from: ${path}, to: b}}\n`,
];

describe('a path that leads out of the repository or into .git', () => {
  test.each([
    ['"../a"', '..'],
    ['"a/../../b"', '..'],
    ['"/etc/passwd"', 'the root of the repository'],
    ['".git/config"', '.git'],
    ['"a/.GIT/hooks/post-checkout"', '.git'],
    ['"a/.git "', '.git'],
    ['"GIT~1/config"', '.git'],
    ['"a/.g\\u200cit/x"', '.git'],
    ['"a\\0b"', 'NUL'],
    ['"a\\\\..\\\\b"', '.git'],
    ['".git\\\\hooks\\\\x"', '.git'],
    ['"a//b"', 'empty components'],
    ['"./a"', '"."'],
  ])('%s is refused wherever a manifest names one', (path, word) => {
    for (const make of DESTINATIONS) {
      const said = outcome(make(path));
      expect(said, make(path)).toMatch(/^cutover\.yaml:\d+:\d+: .*(expected|holds a NUL)/);
      expect(said).toContain(word);
    }
  });

  test('is refused after variables were filled in as well', () => {
    expect(outcome('vars: {up: ".."}\npaths:\n  - create: {path: "a/<<up>>/b", text: x}\n')).toContain('without ".."');
    expect(outcome('vars: {g: git}\npaths:\n  - create: {path: "a/.<<g>>/b", text: x}\n')).toContain('into .git');
  });

  test('is not what merely looks like one', () => {
    const fine = ['.gitignore', '.github/x', 'a/.gitx', 'a..b', '...', 'git', 'a\\\\b', '-x'];
    for (const path of fine)
      expect(outcome(`paths:\n  - create: {path: "${path}", text: x}\n`), path).toBe('1 path operations, 0 edits');
  });
});

describe('a manifest that is too much', () => {
  const many = (kind: string, count: number): string => `${kind}${'  - delete: {glob: a}\n'.repeat(count)}`;

  test.each([
    ['100,000 operations', () => many('paths:\n', 100_000), 'expected at most 1048576 bytes, found 2200093'],
    ['20,001 operations', () => many('paths:\n', 20_001), 'at most 20000 of them'],
    ['5001 edits', () => `edits:\n${'  - replace: {in: a, find: b, with: c}\n'.repeat(5001)}`, 'at most 5000 of them'],
    ['ten megabytes', () => `vars: {a: "${'y'.repeat(10_000_000)}"}\n`, 'expected at most 1048576 bytes'],
    [
      'aliases of aliases',
      () =>
        `vars:\n  a0: &a0 [x]\n${[1, 2, 3, 4, 5, 6, 7].map((n) => `  a${n}: &a${n} [${`*a${n - 1},`.repeat(9)}]\n`).join('')}`,
      'aliases expand to more',
    ],
    ['lists in lists', () => `vars: ${'['.repeat(100_000)}${']'.repeat(100_000)}\n`, 'nested too deeply'],
    [
      'variables in variables of text',
      () => `vars: {a: "${'x'.repeat(100_000)}"}\npaths:\n  - create: {path: x, text: "${'<<a>>'.repeat(20_000)}"}\n`,
      'variables make more than 16777216 characters',
    ],
    ['a key twice', () => 'paths: []\npaths: []\n', 'the key "paths" is there twice'],
    ['a key of JavaScript', () => 'vars: {__proto__: x}\n', '__proto__'],
  ])('%s: refused at a place, in bounded time', (_, make, word) => {
    const text = make();
    let said = '';
    const took = seconds(() => {
      said = outcome(text);
    });
    expect(took).toBeLessThan(8);
    expect(said).toContain(word);
  });

  test('as many operations as are allowed are read', () => {
    expect(outcome(many('paths:\n', 20_000))).toBe('20000 path operations, 0 edits');
  }, 30_000);
});
