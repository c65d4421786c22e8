import { describe, expect, test } from 'vitest';
import type { PathOperation } from '../model/manifest.ts';
import { listed, listing, mapFiles } from './test-trees.ts';

const SIDE_BY_SIDE = {
  'pump/Makefile': 'outer',
  'pump/vendor/six.py': 'six',
  'pump/docs/a.md': 'a',
  'pump/next/Makefile': 'x:nested',
  'pump/next/vendor/modules.txt': 'none',
  'pump/next/docs/b.md': 'b',
  'pump/next/next/deep': 'deep',
  'pump/next/.git-blame-ignore-revs': 'hidden',
  'pump/next/ -odd\nname ü': 'odd',
};

async function problemsOf(files: Record<string, string>, operations: readonly PathOperation[]): Promise<string[]> {
  const { problems } = await mapFiles(files, operations);
  return problems.map(({ code, operation, path }) => `${code} ${operation} ${path}`);
}

describe('path operations', () => {
  test('are simultaneous: a path that is deleted and one that comes to its place have no order', async () => {
    const operations: PathOperation[] = [
      { flatten: { dir: 'pump/next', into: 'pump', collisions: { Makefile: 'nested' } } },
      { delete: { glob: 'pump/vendor' } },
    ];
    const { output, problems, accounting, destinationOf, sourceOf } = await mapFiles(SIDE_BY_SIDE, operations);
    expect(problems).toEqual([]);
    expect(listing(output)).toEqual(
      listed({
        'pump/Makefile': 'x:nested',
        'pump/vendor/modules.txt': 'none',
        'pump/docs/a.md': 'a',
        'pump/docs/b.md': 'b',
        'pump/next/deep': 'deep',
        'pump/.git-blame-ignore-revs': 'hidden',
        'pump/ -odd\nname ü': 'odd',
      }),
    );
    expect(accounting).toMatchObject({ input: 9, kept: 1, moved: 6, deleted: 1, replaced: 1, created: 0, output: 7 });
    expect(destinationOf('pump/next/next/deep')).toBe('pump/next/deep');
    expect(destinationOf('pump/next')).toBe('pump');
    expect(destinationOf('pump/vendor/six.py')).toBeUndefined();
    expect(destinationOf('pump/Makefile')).toBeUndefined();
    expect(sourceOf('pump/Makefile')).toBe('pump/next/Makefile');
    expect(sourceOf('pump/docs/a.md')).toBe('pump/docs/a.md');
    expect(listing((await mapFiles(SIDE_BY_SIDE, operations.toReversed())).output)).toEqual(listing(output));
  });

  test('a longer source takes its entry out of a shorter one', async () => {
    const { output, problems } = await mapFiles({ 'a/b/c': '1', 'a/b/d': '2', 'a/e': '3' }, [
      { move: { from: 'a', to: 'z' } },
      { move: { from: 'a/b', to: 'y' } },
      { delete: { glob: 'a/b/d' } },
    ]);
    expect(problems).toEqual([]);
    expect(listing(output)).toEqual(listed({ 'z/e': '3', 'y/c': '1' }));
  });

  test('a swap needs no third name, and says that something goes away', async () => {
    const swap = (onto?: 'deleted'): PathOperation[] => [
      { move: { from: 'a', to: 'b', ...(onto === undefined ? {} : { onto }) } },
      { move: { from: 'b', to: 'a', ...(onto === undefined ? {} : { onto }) } },
    ];
    const { output, problems } = await mapFiles({ a: '1', 'b/c': '2' }, swap('deleted'));
    expect(problems).toEqual([]);
    expect(listing(output)).toEqual(listed({ b: '1', 'a/c': '2' }));
    expect(await problemsOf({ a: '1', 'b/c': '2' }, swap())).toEqual([
      'COLLISION paths[0] move b',
      'COLLISION paths[1] move a',
    ]);
  });

  test('a directory may go into itself', async () => {
    const { output, problems } = await mapFiles({ 'a/x': '1', 'a/y': '2' }, [{ move: { from: 'a', to: 'a/b' } }]);
    expect(problems).toEqual([]);
    expect(listing(output)).toEqual(listed({ 'a/b/x': '1', 'a/b/y': '2' }));
  });

  test('two flattened directories may share a directory, but no file', async () => {
    const both: PathOperation[] = [{ flatten: { dir: 'x/one', into: 'x' } }, { flatten: { dir: 'x/two', into: 'x' } }];
    const files = { 'x/one/d/a': '1', 'x/two/d/b': '2', 'x/one/top': '3' };
    expect(listing((await mapFiles(files, both)).output)).toEqual(listed({ 'x/d/a': '1', 'x/d/b': '2', 'x/top': '3' }));
    expect(await problemsOf({ ...files, 'x/two/d/a': '4' }, both)).toEqual(['COLLISION paths[1] flatten x/d/a']);
  });

  test('create, link and mode speak of the result', async () => {
    const { output, problems, accounting, changes, blobs } = await mapFiles(
      { 'a/run': 'sh', 'a/now': 'l:run' },
      [
        { move: { from: 'a', to: 'b' } },
        { mode: { path: 'b/run', exec: true } },
        { link: { path: 'b/now', target: '../c/new' } },
        { link: { path: 'entry', target: 'b' } },
        { create: { path: 'c/new', from: 'texts/new.txt', exec: true } },
        { create: { path: 'c/empty', text: '' } },
      ],
      { 'texts/new.txt': 'fresh' },
    );
    expect(problems).toEqual([]);
    expect(listing(output)).toEqual(
      listed({ 'b/run': 'x:sh', 'b/now': 'l:../c/new', entry: 'l:b', 'c/new': 'x:fresh', 'c/empty': '' }),
    );
    expect(accounting).toMatchObject({ input: 2, moved: 2, created: 3, output: 5 });
    expect(blobs.map(({ bytes }) => bytes.toString())).toEqual(expect.arrayContaining(['fresh', '', 'b', '../c/new']));
    expect(changes[0]).toMatchObject({
      operation: 'paths[0] move',
      files: 2,
      entries: [{ from: 'a', to: 'b', files: 2 }],
    });
  });

  test('outer keeps the entry that is there, and drops the nested one', async () => {
    const { output, accounting, problems } = await mapFiles(
      { 'a/x': '1', 'a/n/x': '2', 'a/n/d/y': '3', 'a/d/y': '4' },
      [{ flatten: { dir: 'a/n', into: 'a', collisions: { x: 'outer', 'd/y': 'nested' } } }],
    );
    expect(problems).toEqual([]);
    expect(listing(output)).toEqual(listed({ 'a/x': '1', 'a/d/y': '3' }));
    expect(accounting).toMatchObject({ input: 4, kept: 1, moved: 1, deleted: 1, replaced: 1, output: 2 });
  });

  test('globs name files; except spares some; expect counts what really goes', async () => {
    const files = { 'a/x.py': '1', 'a/b/y.py': '2', 'a/b/z.txt': '3', 'a/keep.py': '4', 'c.py': '5' };
    const { output, problems, accounting } = await mapFiles(files, [
      { delete: { glob: ['a/**/*.py', 'c.{py,txt}'], except: ['a/keep.py'], expect: 3 } },
      { move: { from: 'a/b', to: 'q' } },
      { move: { from: 'a/x.py', to: 'x' } },
    ]);
    expect(problems.map(({ code }) => code)).toEqual(['SAME_SOURCE']);
    expect(accounting.deleted).toBe(3);
    expect(listing(output)).toEqual(listed({ 'q/z.txt': '3', 'a/keep.py': '4' }));
  });
});

describe('problems, all at once:', () => {
  test('every undeclared collision of a flattened directory', async () => {
    const files = {
      ...{ 'a/README.md': '1', 'a/.gitignore': '2', 'a/d/f': '3', 'a/file': '4', 'a/dir/x': '5' },
      ...{
        'a/n/README.md': '1',
        'a/n/.gitignore': '6',
        'a/n/d/f': '7',
        'a/n/file/y': '8',
        'a/n/dir': '9',
        'a/n/ok': '',
      },
    };
    expect(await problemsOf(files, [{ flatten: { dir: 'a/n', into: 'a' } }])).toEqual([
      'COLLISION paths[0] flatten a/.gitignore',
      'COLLISION paths[0] flatten a/README.md',
      'COLLISION paths[0] flatten a/d/f',
      'COLLISION paths[0] flatten a/dir',
      'COLLISION paths[0] flatten a/file',
    ]);
  });

  test.each<[string, Record<string, string>, PathOperation[], string[]]>([
    ['a file onto a file', { a: '1', b: '2' }, [{ move: { from: 'a', to: 'b' } }], ['COLLISION paths[0] move b']],
    [
      'a file onto a directory',
      { a: '1', 'b/c': '2' },
      [{ move: { from: 'a', to: 'b' } }],
      ['COLLISION paths[0] move b'],
    ],
    [
      'a directory onto a file',
      { 'a/x': '1', b: '2' },
      [{ move: { from: 'a', to: 'b' } }],
      ['COLLISION paths[0] move b'],
    ],
    [
      'a directory onto a directory',
      { 'a/x': '1', 'b/y': '2' },
      [{ move: { from: 'a', to: 'b' } }],
      ['COLLISION paths[0] move b'],
    ],
    ['below a file', { a: '1', b: '2' }, [{ move: { from: 'a', to: 'b/c' } }], ['COLLISION paths[0] move b']],
    ['below a link', { a: '1', b: 'l:.' }, [{ move: { from: 'a', to: 'b/c' } }], ['COLLISION paths[0] move b']],
    [
      'two sources',
      { a: '1', b: '2' },
      [{ move: { from: 'a', to: 'c' } }, { move: { from: 'b', to: 'c' } }],
      ['COLLISION paths[1] move c'],
    ],
    [
      'upper and lower case',
      { a: '1', makefile: '2' },
      [{ move: { from: 'a', to: 'Makefile' } }],
      ['SAME_NAME paths[0] move Makefile'],
    ],
    [
      'case of directories',
      { a: '1', 'docs/x': '2' },
      [{ move: { from: 'a', to: 'Docs/y' } }],
      ['SAME_NAME paths[0] move Docs'],
    ],
    [
      'composed letters',
      { a: '1', 'caf\u00e9': '2' },
      [{ move: { from: 'a', to: 'cafe\u0301' } }],
      ['SAME_NAME paths[0] move cafe\u0301'],
    ],
    ['nothing there', { a: '1' }, [{ move: { from: 'b', to: 'c' } }], ['EDIT_NO_MATCH paths[0] move b']],
    ['a glob without a match', { a: '1' }, [{ delete: { glob: 'b/**' } }], ['EDIT_NO_MATCH paths[0] delete b/**']],
    [
      'a wrong count',
      { a: '1' },
      [{ delete: { glob: 'a', expect: { min: 2 } } }],
      ['EDIT_COUNT paths[0] delete undefined'],
    ],
    ['no directory', { a: '1' }, [{ flatten: { dir: 'a', into: 'b' } }], ['EDIT_NO_MATCH paths[0] flatten a']],
    [
      'one source twice',
      { a: '1' },
      [{ delete: { glob: 'a' } }, { move: { from: 'a', to: 'b' } }],
      ['SAME_SOURCE paths[1] move a'],
    ],
    [
      'all taken by others',
      { 'a/b': '1' },
      [{ move: { from: 'a', to: 'c' } }, { delete: { glob: 'a/b' } }],
      ['EDIT_NO_MATCH paths[0] move a'],
    ],
    [
      'replace of nothing',
      { a: '1' },
      [{ move: { from: 'a', to: 'b', onto: 'replace' } }],
      ['EDIT_NO_MATCH paths[0] move b'],
    ],
    [
      'a listed name on one side only',
      { 'a/n/x': '1' },
      [{ flatten: { dir: 'a/n', into: 'a', collisions: { x: 'nested' } } }],
      ['EDIT_NO_MATCH paths[0] flatten a/x'],
    ],
    ['create where something is', { a: '1' }, [{ create: { path: 'a', text: '' } }], ['COLLISION paths[0] create a']],
    ['create below a file', { a: '1' }, [{ create: { path: 'a/b', text: '' } }], ['COLLISION paths[0] create a/b']],
    ['a link over a file', { a: '1' }, [{ link: { path: 'a', target: 'a' } }], ['COLLISION paths[0] link a']],
    ['a new link to nowhere', { a: '1' }, [{ link: { path: 'l', target: 'b' } }], ['LINK_DANGLES paths[0] link l']],
    [
      'a new link out of the repository',
      { a: '1' },
      [{ link: { path: 'l', target: '../a' } }],
      ['LINK_DANGLES paths[0] link l'],
    ],
    [
      'a new link to an absolute path',
      { a: '1' },
      [{ link: { path: 'l', target: '/a' } }],
      ['LINK_DANGLES paths[0] link l'],
    ],
    [
      'the mode of a directory',
      { 'a/b': '1' },
      [{ mode: { path: 'a', exec: true } }],
      ['EDIT_NO_MATCH paths[0] mode a'],
    ],
    [
      'a moved link that dangles',
      { 'a/l': 'l:../x', x: '1' },
      [{ move: { from: 'a/l', to: 'l' } }],
      ['LINK_DANGLES paths[0] move l'],
    ],
    ['a link whose target goes', { l: 'l:x', x: '1' }, [{ delete: { glob: 'x' } }], ['LINK_DANGLES paths[0] delete l']],
    [
      'a link through a directory that goes',
      { l: 'l:d/x', 'd/x': '1' },
      [{ move: { from: 'd', to: 'e' } }],
      ['LINK_DANGLES paths[0] move l'],
    ],
  ])('%s', async (_, files, operations, expected) => {
    expect(await problemsOf(files, operations)).toEqual(expected);
  });

  test('what is optional may find nothing', async () => {
    const operations: PathOperation[] = [
      { move: { from: 'b', to: 'c', optional: true } },
      { delete: { glob: ['b', 'x/*'], optional: true } },
      { flatten: { dir: 'b', into: '.', optional: true } },
      { mode: { path: 'b', exec: true, optional: true } },
    ];
    expect(await problemsOf({ a: '1' }, operations)).toEqual([]);
  });

  test('names that differ in case stay as they are where nothing comes to them', async () => {
    expect(await problemsOf({ a: '1', README: '2', readme: '3' }, [{ move: { from: 'a', to: 'b' } }])).toEqual([]);
  });
});

describe('links', () => {
  const files = {
    'p/n/up': 'l:../../LICENSE',
    'p/n/in': 'l:x',
    'p/n/x': '1',
    LICENSE: '2',
    into: 'l:p/n/x',
    dir: 'l:p/n',
  };

  test('are given new targets where the move says so, moved or not', async () => {
    const { output, problems } = await mapFiles(files, [{ flatten: { dir: 'p/n', into: 'p', links: 'retarget' } }]);
    expect(problems).toEqual([]);
    expect(listing(output)).toEqual(
      listed({ 'p/up': 'l:../LICENSE', 'p/in': 'l:x', 'p/x': '1', LICENSE: '2', into: 'l:p/x', dir: 'l:p' }),
    );
  });

  test('that dangled before may go on to', async () => {
    const { problems } = await mapFiles({ 'a/l': 'l:nowhere', 'a/loop': 'l:loop' }, [{ move: { from: 'a', to: 'b' } }]);
    expect(problems).toEqual([]);
  });

  test('to what another file takes the place of keep their target', async () => {
    const { output, problems } = await mapFiles({ l: 'l:a', a: '1', b: '2' }, [
      { delete: { glob: 'a' } },
      { move: { from: 'b', to: 'a', onto: 'deleted', links: 'retarget' } },
    ]);
    expect(problems).toEqual([]);
    expect(listing(output)).toEqual(listed({ l: 'l:a', a: '2' }));
  });
});

test('submodules are told of', async () => {
  const { submodules, problems } = await mapFiles({ 'a/sub': 'g:1', 'b/sub': 'g:2', keep: 'g:3' }, [
    { move: { from: 'a', to: 'c' } },
    { delete: { glob: 'b' } },
  ]);
  expect(problems).toEqual([]);
  expect(submodules).toEqual([
    { from: 'a/sub', to: 'c/sub', operation: 'paths[0] move' },
    { from: 'b/sub', to: undefined, operation: 'paths[1] delete' },
  ]);
});
