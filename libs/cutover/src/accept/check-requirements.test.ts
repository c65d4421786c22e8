import { BatonError } from '@baton/kernel';
import { expect, test } from 'vitest';
import { checkRequirements, type RequirementPorts } from './check-requirements.ts';

const ID = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);

function ports(changes: Partial<RequirementPorts> = {}): RequirementPorts {
  return {
    commit: ID,
    resolve: async (revision) =>
      ({ 'refs/heads/main': ID, 'refs/heads/old': OTHER, 'refs/remotes/origin/far': ID, [OTHER]: OTHER })[revision],
    isAncestor: async (ancestor) => ancestor === OTHER,
    changes: async () => [],
    ...changes,
  };
}

const states = async (...args: Parameters<typeof checkRequirements>): Promise<string[]> =>
  (await checkRequirements(...args)).map(({ id, state, detail }) => `${id}: ${state} ${detail}`);

test('branch, cleanness and ancestors', async () => {
  expect(await checkRequirements(undefined, ports())).toEqual([]);
  expect(await states({ branch: 'main', clean: true, ancestors: [OTHER] }, ports())).toEqual([
    'branch: passed aaaaaaaaaaaa',
    'clean: passed no changes',
    'ancestor bbbbbbbbbbbb: passed bbbbbbbbbbbb',
  ]);
  expect(await states({ branch: 'far' }, ports())).toEqual(['branch: passed aaaaaaaaaaaa']);
  expect(await states({ branch: 'old' }, ports())).toEqual([
    'branch: failed expected old at aaaaaaaaaaaa, found bbbbbbbbbbbb',
  ]);
  expect(
    await states(
      { branch: 'none', ancestors: ['x', ID] },
      ports({ resolve: async (id) => (id === ID ? ID : undefined) }),
    ),
  ).toEqual([
    'branch: failed there is no branch none here',
    'ancestor x: failed there is no commit x here',
    'ancestor aaaaaaaaaaaa: failed aaaaaaaaaaaa is no ancestor of aaaaaaaaaaaa',
  ]);
  expect(await states({ clean: true }, ports({ changes: async () => ['a', 'b'] }))).toEqual([
    'clean: failed expected no changes, found a and 1 more',
  ]);
  expect(await states({ clean: true }, ports({ changes: async () => undefined }))).toEqual([
    'clean: passed there is no checkout',
  ]);
});

test('checks: only success passes, and what cannot be seen is pending', async () => {
  const checks = ['good', 'bad', 'open', 'none', 'skipped', 'twice'];
  const answers = [
    { name: 'good', state: 'SUCCESS' },
    { name: 'bad', state: 'failure' },
    { name: 'open', state: 'in_progress' },
    { name: 'skipped', state: 'skipped' },
    { name: 'twice', state: 'success' },
    { name: 'twice', state: 'cancelled' },
  ];
  expect(await states({ checks }, ports({ forge: { checks: async () => answers } }))).toEqual([
    'check good: passed success',
    'check bad: failed expected success, found failure',
    'check open: pending the forge says in_progress',
    'check none: pending the forge has no such check yet',
    'check skipped: failed expected success, found skipped',
    'check twice: failed expected success, found cancelled',
  ]);
  expect(await states({ checks: ['x'] }, ports())).toEqual(['check x: pending no forge can be asked here']);
  const gone = async (): Promise<never> => {
    throw new BatonError('FORGE_UNREACHABLE', 'no answer');
  };
  expect(await states({ checks: ['x'] }, ports({ forge: { checks: gone } }))).toEqual(['check x: pending no answer']);
});

test('what a shallow clone cannot see is pending', async () => {
  expect(await states({ ancestors: [OTHER, ID] }, { ...ports(), shallow: true })).toEqual([
    'ancestor bbbbbbbbbbbb: passed bbbbbbbbbbbb',
    expect.stringMatching(/^ancestor aaaaaaaaaaaa: pending .* the clone is shallow/),
  ]);
});
