import type { TrailerMatch, TrailerSearch } from './object-store.ts';
import type { ObjectId } from './objects.ts';
import { gitFailed, runGit, streamGit } from './run-git.ts';

/** Whether a commit is another one or an ancestor of it. */
export async function isAncestor(dir: string, ancestor: ObjectId, descendant: ObjectId): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', ancestor, descendant];
  const result = await runGit(dir, args);
  if (result.code === 0) return true;
  if (result.code === 1) return false;
  throw gitFailed(dir, args, result);
}

/** A best common ancestor of two commits. */
export async function mergeBase(dir: string, a: ObjectId, b: ObjectId): Promise<ObjectId | undefined> {
  const args = ['merge-base', a, b];
  const result = await runGit(dir, args);
  if (result.code === 0) return result.stdout.toString('latin1').trimEnd();
  if (result.code === 1) return undefined;
  throw gitFailed(dir, args, result);
}

/** Commits whose message has a trailer, newest first, with its values. */
export async function commitsWithTrailer(dir: string, search: TrailerSearch): Promise<TrailerMatch[]> {
  const { key, from, not = [], max = Number.POSITIVE_INFINITY, walk } = search;
  const args = [
    'rev-list',
    '--no-commit-header',
    `--format=%H%x1f%(trailers:key=${key},valueonly,unfold,separator=%x1f)%x00`,
    // Most commits do not have the word: git need not look for trailers in them. With a limit it would count those that have it.
    ...(walk === undefined ? ['--regexp-ignore-case', '--fixed-strings', `--grep=${key}:`] : [`--max-count=${walk}`]),
    ...from,
    ...not.map((id) => `^${id}`),
    '--',
  ];
  const found: TrailerMatch[] = [];
  let rest = '';
  for await (const chunk of streamGit(dir, args)) {
    const records = (rest + chunk.toString('latin1')).split('\0');
    rest = records.pop() ?? '';
    for (const record of records) {
      const [commit = '', ...values] = Buffer.from(record, 'latin1').toString('utf8').trim().split('\x1f');
      const filled = values.map((value) => value.trim()).filter((value) => value !== '');
      if (filled.length > 0) found.push({ commit, values: filled });
      if (found.length >= max) return found;
    }
  }
  return found;
}
