import { expect, test } from 'vitest';
import { applyCutover } from './apply-cutover.ts';
import { revertCutover } from './revert-cutover.ts';
import { situation } from './test-cutover.ts';
import { verifyCutover } from './verify-cutover.ts';

test('one commit on a branch of its own; the checkout is not touched', async () => {
  const { repository, store, cutover, plan } = await situation();
  const made = await plan();
  expect(made.accounting).toMatchObject({
    input: 15,
    kept: 3,
    moved: 7,
    deleted: 3,
    replaced: 2,
    created: 0,
    output: 10,
  });
  const applied = await applyCutover(made, { store, cutover });
  expect(applied).toMatchObject({ state: 'applied', ref: 'refs/heads/cutover/pump', commit: made.commit.id });
  expect(await repository.git('log', '--format=%H %P', 'cutover/pump', '-1')).toBe(
    `${applied.commit} ${made.base.commit}`,
  );
  expect(await repository.git('ls-tree', '-r', '--name-only', '-z', applied.commit)).toBe(
    [
      ...['Makefile', 'README.md', 'pump/.gitignore', 'pump/.hidden/x.tmp', 'pump/CHANGELOG.md', 'pump/Makefile'],
      ...['pump/cmd/-dash.go', 'pump/cmd/ü ñ.go', 'pump/go.mod', 'pump/vendor/modules.txt', ''],
    ].join('\0'),
  );
  expect(await repository.git('show', `${applied.commit}:README.md`)).toBe('See pump/README.md.');
  expect(await repository.git('show', `${applied.commit}:pump/Makefile`)).toContain('go build');
  expect(await repository.git('status', '--porcelain')).toBe('');
  expect(await repository.git('fsck', '--strict')).toBe('');
  expect(
    await repository.git('log', '-1', '--format=%an <%ae>|%cn|%ct|%(trailers:key=Signed-off-by)', applied.commit),
  ).toBe(`Zoë Quill <zoe@example.com>|Zoë Quill|1704164646|Signed-off-by: Zoë Quill <zoe@example.com>`);
  const verification = await verifyCutover({ store, commit: applied.commit, cutover });
  expect(verification).toMatchObject({ state: 'identical', payload: [], differences: [] });
  const reverted = await revertCutover({ store, commit: applied.commit });
  expect(reverted).toMatchObject({ tree: made.base.tree, proof: 'tree', alreadyDone: false });
  expect(await repository.git('rev-parse', 'revert/pump^{tree}')).toBe(made.base.tree);
  await store.close();
});
