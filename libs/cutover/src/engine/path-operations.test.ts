import { join } from 'node:path';
import type { BatonError } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../model/plan.ts';
import { applyCutover } from './apply-cutover.ts';
import { revertCutover } from './revert-cutover.ts';
import { type Situation, situation, situationIn } from './test-cutover.ts';
import { verifyCutover } from './verify-cutover.ts';

const FILES: Record<string, string> = {
  'del/a.txt': 'a',
  'del/.hidden/b': 'b',
  'del/keep.me': 'k',
  'globs/x.py': 'x',
  'globs/deep/y.py': 'y',
  'globs/z.go': 'z',
  'move/file': 'file',
  'move/dir/-dash': 'dash',
  'move/dir/ü n\nl': 'odd',
  'swap/a': 'was a',
  'swap/b': 'was b',
  'taken/old': 'old',
  'taken/new': 'new',
  'gone/old': 'old',
  'gone/new': 'new',
  'flat/README.md': 'outer readme',
  'flat/Makefile': 'outer make',
  'flat/same/outer': 'o',
  'flat/in/README.md': 'nested readme',
  'flat/in/Makefile': 'nested make',
  'flat/in/.gitignore': 'ignored',
  'flat/in/same/inner': 'i',
  'flat/in/in/deeper': 'd',
  'run.sh': '#!/bin/sh\n',
  'tools/x': 'x',
};

/** Operations that fit {@link FILES}, and what is there afterwards in place of what they are about. */
const OPERATIONS: readonly object[] = [
  { delete: { glob: 'del', except: ['del/keep.me'], expect: 2, reason: 'old' } },
  { delete: { glob: ['globs/**/*.py'], expect: { min: 1, max: 2 } } },
  { move: { from: 'move/file', to: 'moved/new/file' } },
  { move: { from: 'move/dir', to: 'moved/dir' } },
  { move: { from: 'swap/a', to: 'swap/b', onto: 'deleted' } },
  { move: { from: 'swap/b', to: 'swap/a', onto: 'deleted' } },
  { move: { from: 'taken/new', to: 'taken/old', onto: 'replace' } },
  { delete: { glob: 'gone/old' } },
  { move: { from: 'gone/new', to: 'gone/old', onto: 'deleted' } },
  { flatten: { dir: 'flat/in', into: 'flat', collisions: { 'README.md': 'nested', Makefile: 'outer' } } },
  { link: { path: 'latest', target: 'moved/new/file' } },
  { mode: { path: 'run.sh', exec: true } },
  { create: { path: 'made/it', text: 'made\r\n', exec: true } },
  { create: { path: 'made/.from', from: 'parts/one' } },
  { delete: { glob: 'nowhere', optional: true } },
];
const AFTER = [
  '100644 del/keep.me k',
  '100644 flat/.gitignore ignored',
  '100644 flat/Makefile outer make',
  '100644 flat/README.md nested readme',
  '100644 flat/in/deeper d',
  '100644 flat/same/inner i',
  '100644 flat/same/outer o',
  '100644 globs/z.go z',
  '100644 gone/old new',
  '120000 latest moved/new/file',
  '100644 made/.from beside',
  '100755 made/it made\r\n',
  '100644 moved/dir/-dash dash',
  '100644 moved/dir/ü n\nl odd',
  '100644 moved/new/file file',
  '100755 run.sh #!/bin/sh\n',
  '100644 swap/a was b',
  '100644 swap/b was a',
  '100644 taken/old new',
  '100644 tools/x x',
];

/** Operations that do not fit: each with the problems it must give, all in one plan. */
const WRONG: readonly (readonly [operation: object, ...problems: string[]])[] = [
  [{ delete: { glob: 'nowhere/**' } }, 'EDIT_NO_MATCH delete nowhere/**'],
  [{ delete: { glob: 'globs/*.go', expect: 2 } }, 'EDIT_COUNT delete undefined'],
  [{ move: { from: 'absent', to: 'x1' } }, 'EDIT_NO_MATCH move absent'],
  [{ move: { from: 'move/file', to: 'tools/x' } }, 'COLLISION move tools/x'],
  [{ move: { from: 'swap/a', to: 'fresh', onto: 'replace' } }, 'EDIT_NO_MATCH move fresh'],
  [{ move: { from: 'taken/old', to: 'run.sh/x' } }, 'COLLISION move run.sh'],
  [{ flatten: { dir: 'run.sh', into: 'x2' } }, 'EDIT_NO_MATCH flatten run.sh'],
  [
    { flatten: { dir: 'flat/in', into: 'flat', collisions: { 'README.md': 'nested', nothing: 'outer' } } },
    'COLLISION flatten flat/Makefile',
    'EDIT_NO_MATCH flatten flat/nothing',
  ],
  [{ link: { path: 'dangling', target: 'no/where' } }, 'LINK_DANGLES link dangling'],
  [{ link: { path: 'globs/x.py', target: 'z.go' } }, 'COLLISION link globs/x.py'],
  [{ mode: { path: 'absent.sh', exec: true } }, 'EDIT_NO_MATCH mode absent.sh'],
  [{ create: { path: 'tools/x', text: '' } }, 'COLLISION create tools/x'],
  [{ create: { path: 'Globs/y', text: '' } }, 'SAME_NAME create Globs'],
  [{ move: { from: 'gone/new', to: 'x3' } }],
  [{ delete: { glob: 'gone/new' } }, 'SAME_SOURCE delete gone/new'],
];

function manifest(paths: readonly object[]): string {
  const commit = { author: { name: 'Zoë', email: 'z@example.com' }, subject: 's' };
  return JSON.stringify({ version: 1, name: 'paths', commit, paths });
}

async function listed({ repository, store }: Situation, commit: string): Promise<string[]> {
  const listing = (await repository.git('ls-tree', '-r', '-z', commit)).split('\0').filter((line) => line !== '');
  return await Promise.all(
    listing.map(async (line) => {
      const [mode, , id = '', path] = line.split(/[ \t]/s, 3).concat(line.slice(line.indexOf('\t') + 1));
      return `${mode} ${path} ${(await store.readBlob(id)).toString()}`;
    }),
  );
}

describe('every path operation', () => {
  test('in one commit of a real repository, in whatever order they are listed', async () => {
    const one = await situation(manifest(OPERATIONS), FILES, { 'parts/one': 'beside' });
    const plan = await one.plan();
    expect(plan.paths.map(({ operation, files }) => `${operation} ${files}`)).toEqual([
      ...['paths[0] delete 2', 'paths[1] delete 2', 'paths[2] move 1', 'paths[3] move 2', 'paths[4] move 1'],
      ...['paths[5] move 1', 'paths[6] move 1', 'paths[7] delete 1', 'paths[8] move 1', 'paths[9] flatten 5'],
      ...['paths[10] link 1', 'paths[11] mode 1', 'paths[12] create 1', 'paths[13] create 1', 'paths[14] delete 0'],
    ]);
    const { commit, tree } = await applyCutover(plan, one);
    expect((await listed(one, commit)).sort()).toEqual([...AFTER].sort());
    expect(await one.repository.git('fsck', '--strict')).toBe('');
    expect(await verifyCutover({ ...one, commit })).toMatchObject({ state: 'identical' });
    expect((await revertCutover({ ...one, commit, dryRun: true })).tree).toBe(plan.base.tree);
    const { accounting } = plan;
    expect(accounting).toMatchObject({ input: FILES_COUNT, output: AFTER.length, created: 3, unexplained: [] });
    const turned = await situationIn(one.repository, manifest([...OPERATIONS].reverse()), { 'parts/one': 'beside' });
    expect((await turned.plan()).commit.tree).toBe(tree);
    await Promise.all([one.store.close(), turned.store.close()]);
  });

  test('that does not fit is told, all at once, with operation and path', async () => {
    const one = await situation(manifest(WRONG.map(([operation]) => operation)), FILES);
    const error = await one.plan().catch((thrown: BatonError) => thrown);
    expect(error).toMatchObject({ code: 'CUTOVER_REFUSED', exitCode: 2 });
    const problems = (error as BatonError).details.problems as Problem[];
    const expected = WRONG.flatMap(([, ...words], index) => words.map((word) => `${index} ${word}`));
    const found = problems.map(({ code, operation, path }) => {
      const [, index, kind] = /^paths\[([0-9]+)\] (.*)$/.exec(operation ?? '') ?? [];
      return `${index} ${code} ${kind} ${path}`;
    });
    expect(found.sort()).toEqual(expected.sort());
    for (const { message, hint } of problems) expect([message, hint]).not.toContain(undefined);
    expect([...(await one.store.listRefs()).keys()]).toEqual(['refs/heads/main']);
    await one.store.close();
  });

  test('that finds nothing and is optional changes nothing', async () => {
    const none = [
      { delete: { glob: 'nowhere/**', optional: true } },
      { move: { from: 'absent', to: 'x', optional: true } },
      { flatten: { dir: 'absent', into: '.', optional: true } },
      { mode: { path: 'absent', exec: true, optional: true } },
    ];
    const one = await situation(manifest(none), FILES);
    expect((await one.plan()).alreadyDone?.why).toBe('tree');
    await one.store.close();
  });
});

test('links: kept where they still lead, retargeted where that is asked, a mistake where they would dangle', async () => {
  const { repository, store } = await situation(manifest([]), { 'a/in/file': 'f', 'a/other': 'o', LICENSE: 'l' });
  const links = { 'a/in/license': '../../LICENSE', 'a/in/near': 'file', 'a/in/up': '../other', top: 'a/in/file' };
  for (const [path, target] of Object.entries(links)) {
    await repository.write({ '.git/target': target });
    const id = await repository.git('hash-object', '-w', '--', join('.git', 'target'));
    await repository.git('update-index', '--add', '--cacheinfo', `120000,${id},${path}`);
  }
  await repository.git('commit', '--quiet', '--message', 'links');
  const flatten = { dir: 'a/in', into: 'a' };
  const keep = await situationIn(repository, manifest([{ flatten }]));
  const error = await keep.plan().catch((thrown: BatonError) => thrown);
  expect(((error as BatonError).details.problems as Problem[]).map(({ code, path }) => `${code} ${path}`)).toEqual([
    'LINK_DANGLES a/license',
    'LINK_DANGLES a/up',
    'LINK_DANGLES top',
  ]);
  const retarget = await situationIn(repository, manifest([{ flatten: { ...flatten, links: 'retarget' } }]));
  const { commit } = await applyCutover(await retarget.plan(), retarget);
  expect((await listed(retarget, commit)).sort()).toEqual([
    '100644 LICENSE l',
    '100644 a/file f',
    '100644 a/other o',
    '120000 a/license ../LICENSE',
    '120000 a/near file',
    '120000 a/up other',
    '120000 top a/file',
  ]);
  await Promise.all([store.close(), keep.store.close(), retarget.store.close()]);
});

const FILES_COUNT = Object.keys(FILES).length;
