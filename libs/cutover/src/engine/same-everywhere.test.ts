import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runNode, temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { expect, test } from 'vitest';
import { situation, situationIn } from './test-cutover.ts';

const script = join(import.meta.dirname, 'test-apply-child.ts');

test('the same commit and manifest give the same commit id in any clone, locale, zone, umask and configuration', async () => {
  const { repository, cutover, store, plan } = await situation();
  const expected = (await plan()).commit.id;
  await store.close();
  const manifest = join(cutover.dir ?? '', 'cutover.yaml');
  const ids: string[] = [];
  const machines = [
    {
      env: { LC_ALL: 'tr_TR.UTF-8', TZ: 'Asia/Kathmandu' },
      umask: 0o077,
      config: { 'core.autocrlf': 'true', 'core.fileMode': 'false' },
    },
    {
      env: {
        LC_ALL: 'C',
        TZ: 'America/St_Johns',
        GIT_AUTHOR_NAME: 'Mallory',
        GIT_COMMITTER_DATE: '2001-01-01T00:00:00Z',
      },
      umask: 0o002,
      config: {
        'user.name': 'Mallory',
        'core.ignoreCase': 'true',
        'commit.gpgSign': 'true',
        'core.precomposeUnicode': 'false',
      },
    },
    {
      env: { LC_ALL: 'ja_JP.UTF-8', TZ: 'UTC' },
      umask: 0o022,
      config: { 'core.eol': 'crlf', 'core.quotePath': 'true', 'i18n.commitEncoding': 'latin1' },
    },
  ];
  for (const [index, { env, umask, config }] of machines.entries()) {
    const dir = join(temporaryDirectory('machine'), `clone ${index} ü`);
    await repository.git('clone', '--quiet', repository.dir, dir);
    const own = { ...repository, dir };
    for (const [key, value] of Object.entries(config)) await repository.git('-C', dir, 'config', key, value);
    const home = temporaryDirectory('home');
    mkdirSync(join(home, '.config'));
    const before = process.umask(umask);
    try {
      const run = await runNode(script, [own.dir, manifest, 'branch'], { env: { ...env, HOME: home } });
      expect(run.stderr.toString()).toBe('');
      ids.push(run.stdout.toString().trim());
    } finally {
      process.umask(before);
    }
  }
  expect(ids).toEqual(machines.map(() => `applied ${expected}`));
}, 120_000);

test('a bare clone, and a linked work tree in another place, give the same plan', async () => {
  const { repository, plan, store } = await situation();
  const expected = await plan();
  const bare = join(temporaryDirectory('bare'), 'x.git');
  await repository.git('clone', '--quiet', '--bare', repository.dir, bare);
  const linked = join(temporaryDirectory('linked'), 'tree');
  await repository.git('worktree', 'add', '--quiet', '--detach', linked);
  for (const dir of [bare, linked]) {
    const other = await situationIn({ ...(await temporaryRepository()), dir });
    expect((await other.plan()).commit).toEqual(expected.commit);
    await other.store.close();
  }
  await store.close();
});

test('the date is that of the base and one second, unless the caller or the manifest says otherwise', async () => {
  const { HEAD, PATHS } = await import('./test-cutover.ts');
  const { planCutover } = await import('./plan-cutover.ts');
  const { store, cutover, repository } = await situation();
  const input = { store, cutover, base: 'HEAD' };
  expect((await planCutover(input)).commit.committer).toMatch(/ 1704164646 \+0000$/);
  expect((await planCutover(input, {}, { sourceDateEpoch: 5 })).commit.author).toMatch(/ 5 \+0000$/);
  const dated = await situationIn(
    repository,
    HEAD.replace('  signoff: true', '  date: 2026-05-01T12:00:00+02:00') + PATHS,
  );
  expect((await dated.plan()).commit.author).toMatch(/ 1777629600 \+0200$/);
  await Promise.all([store.close(), dated.store.close()]);
});
