import { expect, test } from 'vitest';
import { applyCutover } from './apply-cutover.ts';
import { revertCutover } from './revert-cutover.ts';
import { HEAD, situation } from './test-cutover.ts';

async function applied() {
  const made = await situation();
  const plan = await made.plan();
  const { commit } = await applyCutover(plan, made);
  await made.repository.git('merge', '--quiet', '--ff-only', 'cutover/pump');
  return { ...made, commit, input: plan.base.tree };
}

test('on top of the cutover the tree is that of the input; git says the same', async () => {
  const { store, repository, commit, input } = await applied();
  const reverted = await revertCutover({ store, commit });
  expect(reverted).toMatchObject({ parent: commit, tree: input, inputTree: input, proof: 'tree', paths: 19 });
  expect(await repository.git('log', '-1', '--format=%an|%ct|%s', 'revert/pump')).toBe(
    'Zoë Quill|1704164647|Revert "pump: the new one"',
  );
  await repository.git('revert', '--no-edit', commit);
  expect(await repository.git('rev-parse', 'HEAD^{tree}')).toBe(input);
  await store.close();
});

test('the revert of the revert is the cutover again', async () => {
  const { store, commit } = await applied();
  const reverted = await revertCutover({ store, commit });
  const back = await revertCutover({ store, commit: reverted.commit, ref: 'again' });
  expect(back.tree).toBe((await store.readCommit(commit)).tree);
  await store.close();
});

test('with later commits the paths of the cutover go back, and theirs stay', async () => {
  const { store, repository, commit, input } = await applied();
  const later = await repository.commit('later', { 'docs/new.md': 'new', 'pump/CHANGELOG.md': '# More\n' });
  const reverted = await revertCutover({ store, commit, onto: later });
  expect(reverted).toMatchObject({ parent: later, inputTree: input, proof: 'paths', alreadyDone: false });
  const names = await repository.git('diff-tree', '-r', '--name-only', input, reverted.tree);
  expect(names.split('\n')).toEqual(['docs/new.md', 'pump/CHANGELOG.md']);
  const again = await revertCutover({ store, commit, onto: reverted.commit });
  expect(again).toMatchObject({ alreadyDone: true, commit: reverted.commit, paths: 0 });
  await store.close();
});

test.each<[string, Record<string, string>, string[]]>([
  ['an edited file', { 'README.md': 'rewritten' }, ['README.md']],
  ['a moved file', { 'pump/go.mod': 'module other\n', 'pump/cmd/-dash.go': 'x' }, ['pump/cmd/-dash.go', 'pump/go.mod']],
  ['something where an old path goes back to', { 'pump/old/main.py/x': '1' }, ['pump/old/main.py']],
  ['a file where an old directory goes back to', { 'pump/old': '1' }, ['pump/old/lib/a.py', 'pump/old/main.py']],
])('later commits that changed %s are an overlap', async (_, files, paths) => {
  const { store, repository, commit } = await applied();
  await repository.commit('later', files);
  const error = await revertCutover({ store, commit, onto: 'HEAD' }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'CUTOVER_OVERLAP', exitCode: 1, details: { paths } });
  expect(await store.readRef('refs/heads/revert/pump')).toBeUndefined();
  await store.close();
});

test('a dry run writes nothing, and says the same', async () => {
  const { store, repository, commit } = await applied();
  const count = await repository.git('count-objects', '-v');
  const dry = await revertCutover({ store, commit, dryRun: true });
  expect(await repository.git('count-objects', '-v')).toBe(count);
  const { ref, ...wet } = await revertCutover({ store, commit });
  expect(ref).toBe('refs/heads/revert/pump');
  expect(wet).toEqual(dry);
  await store.close();
});

test('a checkout comes along', async () => {
  const { store, repository, commit, input } = await applied();
  const reverted = await revertCutover({ store, commit, checkout: repository.dir });
  expect(await repository.git('rev-parse', 'HEAD', 'main', 'HEAD^{tree}')).toBe(
    [reverted.commit, reverted.commit, input].join('\n'),
  );
  expect(await repository.git('status', '--porcelain')).toBe('');
  await store.close();
});

test('a commit that does not contain the cutover is refused', async () => {
  const { store, commit } = await applied();
  await expect(revertCutover({ store, commit, onto: `${commit}^` })).rejects.toMatchObject({ code: 'CUTOVER_OVERLAP' });
  await store.close();
});

test('a file that became a directory, and a directory that became a file, go back', async () => {
  const { store, cutover, plan } = await situation(
    `${HEAD}paths:\n  - move: { from: tool, to: tool/main }\n  - move: { from: kit/only, to: kit, onto: deleted }\n`,
    { tool: 'a file\n', 'kit/only': 'in a directory\n' },
  );
  const made = await plan();
  const { commit } = await applyCutover(made, { store, cutover });
  expect(await revertCutover({ store, commit })).toMatchObject({ tree: made.base.tree, proof: 'tree' });
  await store.close();
});
