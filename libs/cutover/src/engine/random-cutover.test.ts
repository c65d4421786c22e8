import { hashObject, type NewObject, openObjectStore, treeObjects, walkLeaves } from '@baton/git';
import { BatonError } from '@baton/kernel';
import { temporaryRepository } from '@baton/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCutover } from '../manifest/load-cutover.ts';
import { EDIT, FILES, PATH_OPERATION, shuffled } from '../mapping/random-cutovers.fixture.ts';
import { treeFrom } from '../mapping/test-trees.ts';
import { applyCutover } from './apply-cutover.ts';
import { planCutover } from './plan-cutover.ts';
import { revertCutover } from './revert-cutover.ts';
import { verifyCutover } from './verify-cutover.ts';

const who = 'A <a@example.com> 1700000000 +0000';

test('random trees and manifests in a real repository: one commit, which verifies and reverts to the input tree', async () => {
  const repository = await temporaryRepository();
  const store = await openObjectStore(repository.dir);
  let applied = 0;
  await fc.assert(
    fc.asyncProperty(
      FILES,
      shuffled(PATH_OPERATION, 3),
      shuffled(EDIT, 2),
      async (files, [paths, turned], [edits, back]) => {
        const tree = treeObjects('sha1', treeFrom(files));
        const blobs = Object.values(files).flatMap((text): NewObject[] =>
          text.startsWith('g:') ? [] : [hashObject('sha1', 'blob', Buffer.from(text.replace(/^[xl]:/, '')))],
        );
        const base = store.commitObject({ tree: tree.id, parents: [], author: who, committer: who, message: 'base\n' });
        await store.writeObjects([...new Map([...blobs, ...tree.objects, base].map((one) => [one.id, one])).values()]);
        const planned = async (own: typeof paths, changes: typeof edits) => {
          const head = { version: 1, name: 'random', commit: { author: { name: 'A', email: 'a@b' }, subject: 's' } };
          const bytes = Buffer.from(JSON.stringify({ ...head, paths: own, edits: changes }));
          const manifest = parseCutover(bytes, 'cutover.yaml');
          const digest = `sha256:${'0'.repeat(64)}`;
          const cutover = { where: 'cutover.yaml', manifest, digest, bytes, files: new Map(), dir: undefined };
          const plan = await planCutover({ store, cutover, base: base.id }).catch((error: unknown) => {
            if (error instanceof BatonError && error.code === 'CUTOVER_REFUSED') return undefined;
            throw error;
          });
          return { cutover, plan };
        };
        const { cutover, plan } = await planned(paths, edits);
        const other = await planned(turned, back);
        expect(other.plan?.commit.tree).toBe(plan?.commit.tree);
        if (plan === undefined || plan.alreadyDone !== undefined) return;
        applied += 1;
        expect(plan.accounting.unexplained).toEqual([]);
        const { commit } = await applyCutover(plan, { store, cutover, ref: `refs/heads/r${applied}` });
        expect(await repository.git('rev-parse', `${commit}^{tree}`)).toBe(plan.commit.tree);
        expect([...walkLeaves(await store.readTree(commit))].length).toBe(plan.accounting.output);
        expect((await verifyCutover({ store, cutover, commit })).state).toBe('identical');
        const reverted = await revertCutover({ store, commit, ref: `refs/heads/back${applied}` });
        expect(reverted).toMatchObject({ tree: tree.id, proof: 'tree' });
      },
    ),
    { numRuns: 25 },
  );
  expect(applied).toBeGreaterThan(0);
  const said = await repository.git('fsck', '--strict', '--no-dangling').catch(String);
  // Submodules are not there, and names like ".gitx" are allowed.
  expect(said).toBe('');
  await store.close();
}, 120_000);
