import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { BatonError } from '@baton/kernel';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadCutover, parseCutover } from './load-cutover.ts';
import { isGitName, pathComplaint } from './path-rule.ts';

const HEAD = 'version: 1\nname: pump\ncommit: {author: {name: A B, email: a@example.com}, subject: s}\n';

function parse(text: string) {
  return parseCutover(Buffer.from(HEAD + text), 'cutover.yaml');
}

function refusal(text: string): BatonError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof BatonError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a manifest', () => {
  test('has defaults, and variables in texts and keys', () => {
    const manifest = parse(
      'vars: {old: pump/old, n: Makefile, lt: "<<"}\npaths:\n  - delete: {glob: "<<old>>/**"}\n  - flatten: {dir: a, into: ., collisions: {"<<n>>": nested}}\nedits:\n  - replace: {in: x, find: "<<lt>>EOF>>", with: "<<<old>>>"}\n',
    );
    expect(manifest.paths).toEqual([
      { delete: { glob: 'pump/old/**' } },
      { flatten: { dir: 'a', into: '.', collisions: { Makefile: 'nested' } } },
    ]);
    expect(manifest.edits).toEqual([{ replace: { in: 'x', find: '<<EOF>>', with: '<pump/old>' } }]);
    expect([manifest.scan, manifest.accept, manifest.gates, manifest.generate]).toEqual([[], [], [], []]);
  });

  test.each([
    ['paths:\n  - mvoe: {from: a, to: b}\n', '5:5', 'did you mean "move"?'],
    ['paths:\n  - move: {from: a, too: b}\n', '5:5', 'the key "to" is missing'],
    ['paths:\n  - {move: {from: a, to: b}, delete: {glob: c}}\n', '5:5', 'exactly one of delete, move'],
    ['paths:\n  - move: {from: ../a, to: b}\n', '5:18', 'a path without ".."'],
    ['paths:\n  - move: {from: a, to: /b}\n', '5:25', 'a path from the root of the repository'],
    ['paths:\n  - create: {path: a/.GiT/hooks/x, text: ""}\n', '5:20', 'a path that does not lead into .git'],
    ['paths:\n  - create: {path: "a\\0b", text: ""}\n', '5:20', 'NUL'],
    ['paths:\n  - create: {path: a//b, text: ""}\n', '5:20', 'without empty components'],
    ['paths:\n  - create: {path: a, text: "", from: b}\n', '5:13', 'exactly one of text, from'],
    ['paths:\n  - delete: {glob: .git/**}\n', '5:20', 'a glob that does not lead into .git'],
    ['edits:\n  - replace: {in: x, find: 3, with: y}\n', '5:28', 'expected text, found the number 3'],
    ['edits:\n  - replace: {in: x, find: "<<odl>>", with: y}\nvars: {old: a}\n', '5:28', 'did you mean <<old>>?'],
    ['accept:\n  - {id: a, exists: x}\n  - {id: a, exists: y}\n', '6:10', 'an id that no other has'],
    ['requires: {ancestors: [main]}\n', '4:24', 'a commit id of 40 or 64'],
    ['pull-request: {branch: "a b"}\n', '4:24', 'the name of a branch'],
  ])('%j is refused at %s', (text, place, message) => {
    const error = refusal(text);
    expect(error.code).toBe('CUTOVER_INVALID');
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain(`cutover.yaml:${place}: `);
    expect(error.message).toContain(message);
  });

  test('without an author is refused: git configuration is no answer', () => {
    const text = 'version: 1\nname: pump\ncommit: {subject: s}\n';
    expect(() => parseCutover(Buffer.from(text), 'x')).toThrow('the key "author" is missing');
  });

  test('tells of every problem at once', () => {
    const error = refusal('paths:\n  - move: {from: .., to: .}\n  - delete: {glob: /}\nscans: []\n');
    expect((error.details.problems as unknown[]).length).toBe(4);
  });

  test('of 100,000 operations is refused or read in bounded time', () => {
    expect(refusal(`paths:\n${'  - delete: {glob: a}\n'.repeat(100_000)}`).message).toContain('expected at most');
    expect(parse(`paths:\n${'  - delete: {glob: a}\n'.repeat(2000)}`).paths).toHaveLength(2000);
  });
});

describe('files beside it', () => {
  const text = `${HEAD}paths:\n  - create: {path: a, from: parts/a.txt}\nedits:\n  - replace-file: {in: b, from: b.txt}\n`;

  test('are taken in, and are part of the digest', async () => {
    const dir = temporaryDirectory('cutover');
    await writeFiles(dir, { 'cutover.yaml': text, 'parts/a.txt': 'A', 'b.txt': 'B' });
    const one = await loadCutover(dir);
    expect([...one.files].map(([name, bytes]) => [name, bytes.toString()])).toEqual([
      ['b.txt', 'B'],
      ['parts/a.txt', 'A'],
    ]);
    expect(one.dir).toBe(dir);
    await writeFiles(dir, { 'b.txt': 'B2' });
    const other = await loadCutover(join(dir, 'cutover.yaml'));
    expect(other.digest).not.toBe(one.digest);
    expect(one.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test('that are not there are all named', async () => {
    const dir = temporaryDirectory('cutover');
    await writeFiles(dir, { 'cutover.yaml': text });
    await expect(loadCutover(dir)).rejects.toMatchObject({
      code: 'CUTOVER_INVALID',
      details: { absent: ['b.txt', 'parts/a.txt'] },
    });
  });

  test('are never read through a link', async () => {
    const dir = temporaryDirectory('cutover');
    const outside = temporaryDirectory('outside');
    await writeFiles(outside, { 'a.txt': 'secret' });
    await writeFiles(dir, { 'cutover.yaml': text, 'b.txt': 'B' });
    await symlink(outside, join(dir, 'parts'));
    await expect(loadCutover(dir)).rejects.toThrow('leads through the link');
  });

  test('a manifest that is not there', async () => {
    await expect(loadCutover(temporaryDirectory('cutover'))).rejects.toMatchObject({ code: 'CUTOVER_NOT_FOUND' });
  });
});

describe('paths', () => {
  test.each([
    '.git',
    '.GIT',
    '.Git',
    '.git.',
    '.git ',
    'git~1',
    'GIT~2',
    '.g\u200cit',
    '.git::$INDEX_ALLOCATION',
  ])('%j is a name of .git somewhere', (name) => {
    expect(isGitName(name)).toBe(true);
  });

  test.each([
    '.gitignore',
    '.github',
    'git',
    '.git-x',
    'x.git',
    '...',
    '-rf',
    'a b\nc',
    '.gitattributes',
  ])('%j is a name like any other', (name) => {
    expect(pathComplaint(`a/${name}`)).toBeUndefined();
  });

  test('that pass cannot lead out, whatever is in them', () => {
    const part = fc.constantFrom('..', '.', '', '.git', '.GIT', 'a', 'b c', '/', '\0', '.git ', '...');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const path = parts.join('/');
        if (pathComplaint(path) !== undefined) return;
        const names = path.split('/');
        expect(path.startsWith('/') || path.includes('\0')).toBe(false);
        expect(names.some((name) => ['', '.', '..'].includes(name) || isGitName(name))).toBe(false);
      }),
    );
  });
});
