import { join } from 'node:path';
import { openObjectStore } from '@baton/git';
import type { ProgressEvent } from '@baton/kernel';
import {
  type FakeGithub,
  type GithubRepository,
  startGithub,
  type TestRepository,
  temporaryDirectory,
  temporaryRepository,
  writeFiles,
} from '@baton/testkit';
import { afterEach } from 'vitest';
import type * as z from 'zod';
import { BEFORE, HEAD, PATHS } from '../engine/test-cutover.ts';
import { loadCutover } from '../manifest/load-cutover.ts';
import { cutoverOpenOptions } from '../options.ts';
import { openCutover } from './open-cutover.ts';
import type { OpenedPullRequest } from './opened.ts';

/** Time for tests: nothing is spaced, a second is a millisecond. */
export const QUICK = { second: 1, spaced: false, timeout: 20_000 } as const;

/** The part of a manifest that is about the pull request. */
export const ABOUT = `pull-request:
  branch: cutover/pump
  title: "pump: the new one takes over"
  title-pattern: "^pump: "
  labels: [area/pump]
  body: |
    Written for people.
  behaviour: ["The log prefix is gone."]
  rollback: ["Revert the commit."]
`;

/** A clone of a repository on a fake forge, and a manifest beside it. */
export interface OpenWorld {
  github: FakeGithub;
  forge: GithubRepository;
  clone: TestRepository;
  /** The directory of the manifest. */
  manifest: string;
  events: ProgressEvent[];
  open(options?: Partial<z.input<typeof cutoverOpenOptions>>, env?: NodeJS.ProcessEnv): Promise<OpenedPullRequest>;
  /** What is wrong when it should be refused. */
  rewrite(manifest: string): Promise<void>;
  /** A commit on a branch of the forge by somebody else. */
  elsewhere(branch: string, files: Record<string, string>): Promise<string>;
}

const running: FakeGithub[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((github) => github.stop()));
});

/** Starts a forge that ends with the test. */
export async function openWorld(text: string = HEAD + ABOUT + PATHS): Promise<OpenWorld> {
  const github = await startGithub();
  running.push(github);
  const forge = await github.addRepository('acme/pump');
  forge.labels.add('area/pump');
  const clone = await temporaryRepository();
  await clone.write(BEFORE);
  await clone.git('add', '--all', '--force');
  await clone.commit('first');
  await clone.git('push', '--quiet', forge.dir, 'HEAD:refs/heads/main');
  await clone.git('remote', 'add', 'origin', forge.url);
  const manifest = temporaryDirectory('cutover');
  const rewrite = (next: string): Promise<void> => writeFiles(manifest, { 'cutover.yaml': next });
  await rewrite(text);
  const events: ProgressEvent[] = [];
  const other = await temporaryRepository();
  return {
    github,
    forge,
    clone,
    manifest,
    events,
    rewrite,
    async open(options = {}, env = { GITHUB_TOKEN: 'writer-token' }) {
      const cutover = await loadCutover(join(manifest, 'cutover.yaml'));
      const store = await openObjectStore(clone.dir);
      const io = {
        emit: (event: ProgressEvent) => void events.push(event),
        cacheDir: temporaryDirectory('cache'),
        env,
      };
      try {
        return await openCutover({ store, cutover }, cutoverOpenOptions.parse(options), io, QUICK);
      } finally {
        await store.close();
      }
    },
    async elsewhere(branch, files) {
      await other.git('fetch', '--quiet', forge.dir, branch);
      await other.git('checkout', '--quiet', '--detach', 'FETCH_HEAD');
      const commit = await other.commit(`by somebody: ${Object.keys(files).join(' ')}`, files);
      await other.git('push', '--quiet', forge.dir, `HEAD:refs/heads/${branch}`);
      return commit;
    },
  };
}
