import type { ProgressEvent } from '@baton/kernel';
import { type FakeGithub, type GithubRepository, startGithub, temporaryRepository } from '@baton/testkit';
import { afterEach } from 'vitest';
import type { Forge, ForgeOptions } from './forge.ts';
import { openForge } from './open-forge.ts';

/** Time for tests: nothing is spaced, a second is a millisecond. */
export const QUICK = { second: 1, spaced: false, timeout: 10_000 } as const;

/** A fake forge with one repository that has a branch `main` and, with a commit of its own, `cutover/pump`. */
export interface ForgeWorld {
  github: FakeGithub;
  repository: GithubRepository;
  events: ProgressEvent[];
  /** Opens the repository; with the token that may write when none is named. */
  forge(options?: Partial<ForgeOptions>): Forge;
  /** A new branch with a commit of its own on top of main. */
  branch(name: string): Promise<string>;
}

const running: FakeGithub[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((github) => github.stop()));
});

/** Starts one; it ends with the test. */
export async function forgeWorld(): Promise<ForgeWorld> {
  const github = await startGithub();
  running.push(github);
  const repository = await github.addRepository('Acme/pump');
  const work = await temporaryRepository({ 'a.txt': 'a\n' });
  await work.git('push', '--quiet', repository.dir, 'HEAD:refs/heads/main');
  const events: ProgressEvent[] = [];
  const world: ForgeWorld = {
    github,
    repository,
    events,
    forge: (options = {}) =>
      openForge({
        api: github.api,
        repository: 'Acme/pump',
        token: 'writer-token',
        pace: QUICK,
        emit: (event) => events.push(event),
        ...options,
      }),
    async branch(name) {
      const commit = await work.commit(name, { [`${name.replaceAll('/', '-')}.txt`]: name });
      await work.git('push', '--quiet', repository.dir, `${commit}:refs/heads/${name}`);
      await work.git('reset', '--quiet', '--hard', 'HEAD^');
      return commit;
    },
  };
  await world.branch('cutover/pump');
  return world;
}

/** A new pull request for tests. */
export const NEW = { head: 'cutover/pump', base: 'main', title: 'pump', body: 'text <!-- mark -->', draft: false };
