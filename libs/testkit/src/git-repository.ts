import { runProcess, succeeded, toolEnv } from '@baton/kernel';
import { temporaryDirectory, writeFiles } from './temp.ts';

/** A real git repository in a temporary directory, with fixed author, dates and configuration. */
export interface TestRepository {
  readonly dir: string;
  /** Runs git there and returns its trimmed output; throws with git's message when it fails. */
  git(...args: string[]): Promise<string>;
  /** Writes files below the directory without committing them. */
  write(files: Record<string, string | Uint8Array>): Promise<void>;
  /** Writes files, adds everything and commits; returns the commit id. */
  commit(message: string, files?: Record<string, string | Uint8Array>): Promise<string>;
}

const ENV = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: '2024-01-02T03:04:05Z',
  GIT_COMMITTER_DATE: '2024-01-02T03:04:05Z',
};

/** Makes a git repository on branch `main`, with one commit when files are given. */
export async function temporaryRepository(files?: Record<string, string | Uint8Array>): Promise<TestRepository> {
  const dir = temporaryDirectory('git');
  const git = async (...args: string[]): Promise<string> => {
    const result = await runProcess({ command: 'git', args, cwd: dir, env: toolEnv(ENV) });
    if (!succeeded(result)) throw new Error(`git ${args.join(' ')}: ${result.stderr.toString('utf8').trim()}`);
    return result.stdout.toString('utf8').trim();
  };
  await git('init', '--quiet', '--initial-branch=main');
  const repository: TestRepository = {
    dir,
    git,
    write: (more) => writeFiles(dir, more),
    async commit(message, more = {}) {
      await writeFiles(dir, more);
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '--message', message);
      return await git('rev-parse', 'HEAD');
    },
  };
  if (files !== undefined) await repository.commit('first', files);
  return repository;
}
