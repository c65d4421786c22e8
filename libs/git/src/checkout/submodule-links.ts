import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { sweepTemporaries, writeFileAtomic } from '@baton/kernel';
import { askGit } from '../run-git.ts';
import { type BytePath, fromBytePath } from './byte-path.ts';

/**
 * Lets the checkout of a submodule and its repository find each other again after a move: the file `.git` in the one, and
 * `core.worktree` in the other, hold relative paths. One that was never checked out has neither.
 */
export async function relinkSubmodule(root: string, from: BytePath, to: BytePath): Promise<void> {
  const place = join(root, fromBytePath(to));
  const file = join(place, '.git');
  await sweepTemporaries(place);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return;
  const [, target] = /^gitdir: (.*?)\n?$/s.exec(readFileSync(file, 'utf8')) ?? [];
  if (target === undefined) return;
  // When the run before this one was killed, it may point to the right place already.
  const fits = resolve(place, target);
  const repository = existsSync(join(fits, 'HEAD')) ? fits : resolve(root, fromBytePath(from), target);
  if (!existsSync(join(repository, 'HEAD'))) return;
  if (repository !== fits) await writeFileAtomic(file, `gitdir: ${relative(place, repository)}\n`);
  await askGit(dirname(repository), [
    ...['config', '--file', join(repository, 'config')],
    ...['core.worktree', relative(repository, place)],
  ]);
}
