import { isUtf8 } from 'node:buffer';
import { BatonError } from '@baton/kernel';
import { type Repository, repositoryAt } from './repository.ts';
import { gitFailed, runGit } from './run-git.ts';

/**
 * Opens the repository whose work tree holds `dir`.
 *
 * Gives undefined outside of any repository, and in a bare one or inside `.git`: there is no work tree, so no file there
 * belongs to a commit.
 *
 * @throws BatonError `GIT_FAILED` for a repository that git cannot read, `TOOL_MISSING` without git
 */
export async function openRepository(dir: string): Promise<Repository | undefined> {
  const question = ['rev-parse', '--is-inside-work-tree', '--show-toplevel'];
  const result = await runGit(dir, question);
  const answer = result.stdout;
  if (result.code !== 0) {
    if (answer.toString('latin1').startsWith('false\n')) return undefined;
    if (result.stderr.includes('not a git repository (or any')) return undefined;
    throw gitFailed(dir, question, result);
  }
  const root = answer.subarray('true\n'.length, answer.byteLength - 1);
  if (!isUtf8(root)) {
    throw new BatonError('GIT_FAILED', `the path of the repository around ${dir} is not UTF-8`, {
      hint: 'Move the repository to a directory whose name is UTF-8.',
    });
  }
  return repositoryAt(root.toString('utf8'));
}
