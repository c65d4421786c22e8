import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { comparePaths } from '../path-text.ts';
import { askGit, gitFailed, runGit } from '../run-git.ts';
import { readJournal } from './carry-journal.ts';
import { lockState } from './carry-lock.ts';
import type { CheckoutState, Operation, WorkTree } from './state.ts';
import { parseStatus, STATUS } from './status.ts';
import { asUser } from './user-git.ts';

/** The directories of a checkout; all real paths. */
export interface CheckoutDirs {
  root: string;
  gitDir: string;
  commonDir: string;
  shallow: boolean;
}

/**
 * Looks at a work tree, changing nothing (not even the stat data of the index). Undefined outside of any repository and in a
 * bare one.
 *
 * @throws BatonError `GIT_FAILED` for a repository that git cannot read
 */
export async function inspectCheckout(dir: string): Promise<CheckoutState | undefined> {
  const dirs = await checkoutDirs(dir);
  if (dirs === undefined) return undefined;
  const [answer, sparse, workTrees] = await Promise.all([
    askGit(dirs.root, STATUS, asUser()),
    runGit(dirs.root, ['config', '--type=bool', 'core.sparseCheckout']),
    listWorkTrees(dirs.root),
  ]);
  const status = parseStatus(answer);
  const journal = readJournal(dirs.gitDir);
  const sorted = (paths: readonly string[]): string[] => [...paths].sort(comparePaths);
  return {
    ...dirs,
    head: status.head,
    branch: status.branch,
    operation: operationIn(dirs.gitDir),
    lock: lockState(dirs.gitDir),
    pendingCarry: journal === undefined ? undefined : { from: journal.from, to: journal.to },
    sparse: sparse.stdout.toString('latin1').trim() === 'true',
    modified: sorted(status.modified),
    staged: sorted(status.staged),
    unmerged: sorted(status.unmerged),
    untracked: sorted(status.untracked),
    ignored: sorted(status.ignored),
    workTrees,
  };
}

/** Where a checkout is; undefined outside of any repository and in a bare one. */
export async function checkoutDirs(dir: string): Promise<CheckoutDirs | undefined> {
  const question = [
    ...['rev-parse', '--is-inside-work-tree', '--path-format=absolute', '--show-toplevel', '--git-dir'],
    ...['--git-common-dir', '--is-shallow-repository'],
  ];
  const result = await runGit(dir, question);
  const lines = result.stdout.toString('utf8').split('\n');
  if (result.code !== 0) {
    if (lines[0] === 'false' || result.stderr.includes('not a git repository (or any')) return undefined;
    throw gitFailed(dir, question, result);
  }
  if (lines[0] !== 'true') return undefined;
  // A path may hold newlines, so it is asked for alone where the lines are not as many as the questions.
  const [, root = '', gitDir = '', commonDir = '', shallow] =
    lines.length === 6 ? lines : await Promise.all(['', ...question.slice(3)].map((what) => askOne(dir, what)));
  return { root, gitDir, commonDir, shallow: shallow === 'true' };
}

async function askOne(dir: string, what: string): Promise<string> {
  if (what === '') return '';
  const answer = await askGit(dir, ['rev-parse', '--path-format=absolute', what]);
  return answer.toString('utf8').replace(/\n$/, '');
}

const SIGNS: readonly (readonly [file: string, operation: Operation])[] = [
  ['rebase-merge', 'rebase'],
  ['rebase-apply/applying', 'am'],
  ['rebase-apply', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['BISECT_LOG', 'bisect'],
];

function operationIn(gitDir: string): Operation | undefined {
  const found = SIGNS.find(([file]) => existsSync(join(gitDir, file)))?.[1];
  if (found !== undefined) return found;
  // Between two commits of a series neither has a head of its own.
  const todo = join(gitDir, 'sequencer', 'todo');
  if (!existsSync(todo)) return undefined;
  return /^\s*revert\b/.test(readFileSync(todo, 'utf8')) ? 'revert' : 'cherry-pick';
}

/** All work trees of a repository, also of a bare one; asks for no status. */
export async function listWorkTrees(root: string): Promise<WorkTree[]> {
  const answer = await askGit(root, ['worktree', 'list', '--porcelain', '-z']);
  return answer
    .toString('utf8')
    .split('\0\0')
    .flatMap((record): WorkTree[] => {
      const lines = record.split('\0');
      const path = lines.find((line) => line.startsWith('worktree '))?.slice('worktree '.length);
      if (path === undefined || lines.includes('bare')) return [];
      const branch = lines.find((line) => line.startsWith('branch '))?.slice('branch '.length);
      return [{ path, branch }];
    });
}
