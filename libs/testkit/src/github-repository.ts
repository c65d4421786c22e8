import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess, succeeded, toolEnv } from '@baton/kernel';
import { temporaryDirectory } from './temp.ts';

/** What a fake forge knows of a pull request; the head is read from git while it is open. */
export interface StoredPull {
  id: number;
  number: number;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  draft: boolean;
  head: string;
  base: string;
  /** Of the head and the base: as they are, or as they were when it was closed. */
  headCommit: string;
  baseCommit: string;
  labels: string[];
  mergeCommit: string | null;
}

/** A check run of an app. */
export interface StoredRun {
  id: number;
  commit: string;
  name: string;
  app: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: 'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out' | null;
}

/** A commit status; later ones of a context take the place of earlier ones. */
export interface StoredStatus {
  id: number;
  commit: string;
  context: string;
  state: 'success' | 'failure' | 'error' | 'pending';
}

/** A repository of a fake forge: a bare repository, and what is around it. Tests read and change it at will. */
export interface GithubRepository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  /** `owner/name`. */
  readonly fullName: string;
  /** The bare repository. */
  readonly dir: string;
  /** Where it is cloned from. */
  readonly url: string;
  defaultBranch: string;
  private: boolean;
  /** Whether pull requests may be drafts: private ones of free plans may not. */
  drafts: boolean;
  readonly labels: Set<string>;
  readonly pulls: StoredPull[];
  readonly runs: StoredRun[];
  readonly statuses: StoredStatus[];
  readonly protected: ReadonlySet<string>;
  /** Refuses pushes to a branch, as a protected one does. */
  protect(branch: string): Promise<void>;
  addRun(run: Omit<StoredRun, 'id' | 'app'> & { app?: string }): void;
  addStatus(status: Omit<StoredStatus, 'id'>): void;
  /** Where a ref is; undefined when it does not exist. */
  head(branch: string): Promise<string | undefined>;
  /** Merges a pull request as a person does on its page; gives the commit. */
  merge(number: number, how?: { method?: 'merge' | 'squash'; message?: string }): Promise<string>;
  /** Runs git in the bare repository and gives its trimmed output. */
  git(...args: string[]): Promise<string>;
}

const WEB_FLOW = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Grace',
  GIT_AUTHOR_EMAIL: 'grace@example.com',
  GIT_AUTHOR_DATE: '2024-03-04T05:06:07Z',
  GIT_COMMITTER_NAME: 'GitHub',
  GIT_COMMITTER_EMAIL: 'noreply@github.com',
  GIT_COMMITTER_DATE: '2024-03-04T05:06:07Z',
};

// What GitHub says when a rule of a branch stops a push.
const PRE_RECEIVE = `#!/bin/sh
while read -r old new ref; do
  if grep -qxF "$ref" "$GIT_DIR/protected-refs" 2>/dev/null; then
    echo "error: GH006: Protected branch update failed for $ref." >&2
    echo "error: Changes must be made through a pull request." >&2
    exit 1
  fi
done
`;

/** Makes an empty repository below a directory of its own. @param nextId gives numbers that were never given */
export async function createGithubRepository(
  place: { owner: string; name: string; url: string; root: string },
  nextId: () => number,
): Promise<GithubRepository> {
  const { owner, name, url, root } = place;
  const dir = join(root, owner, `${name}.git`);
  const git = async (...args: string[]): Promise<string> => {
    const result = await runProcess({ command: 'git', args, cwd: dir, env: toolEnv(WEB_FLOW) });
    if (!succeeded(result)) throw new Error(`git ${args.join(' ')}: ${result.stderr.toString('utf8').trim()}`);
    return result.stdout.toString('utf8').trim();
  };
  const made = await runProcess({
    command: 'git',
    args: ['init', '--quiet', '--bare', '--initial-branch=main', dir],
    env: toolEnv(WEB_FLOW),
  });
  if (!succeeded(made)) throw new Error(made.stderr.toString('utf8'));
  await writeFile(join(dir, 'hooks', 'pre-receive'), PRE_RECEIVE, { mode: 0o755 });
  const guarded = new Set<string>();
  const repository: GithubRepository = {
    id: nextId(),
    owner,
    name,
    fullName: `${owner}/${name}`,
    dir,
    url,
    defaultBranch: 'main',
    private: false,
    drafts: true,
    labels: new Set(),
    pulls: [],
    runs: [],
    statuses: [],
    protected: guarded,
    git,
    async protect(branch) {
      guarded.add(branch);
      const refs = [...guarded].map((guardedBranch) => `refs/heads/${guardedBranch}\n`);
      await writeFile(join(dir, 'protected-refs'), refs.join(''));
    },
    addRun: (run) => void repository.runs.push({ id: nextId(), app: 'actions', ...run }),
    addStatus: (status) => void repository.statuses.push({ id: nextId(), ...status }),
    async head(branch) {
      const found = await git('for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`);
      return found === '' ? undefined : found;
    },
    merge: (number, how) => mergePull(repository, number, how),
  };
  return repository;
}

/** A directory for the repositories of one server. */
export function githubRoot(): string {
  return temporaryDirectory('github');
}

async function mergePull(
  repository: GithubRepository,
  number: number,
  { method = 'squash', message }: { method?: 'merge' | 'squash'; message?: string } = {},
): Promise<string> {
  const { git } = repository;
  const pull = repository.pulls.find((candidate) => candidate.number === number);
  const head = pull === undefined ? undefined : await repository.head(pull.head);
  const base = pull === undefined ? undefined : await repository.head(pull.base);
  if (pull === undefined || head === undefined || base === undefined) throw new Error(`no pull request #${number}`);
  // One commit gives a squash its title and its text; a merge has the title of the pull request below its own.
  const squashed = `${pull.title} (#${number})\n\n${await git('log', '-1', '--format=%b', head)}`;
  const merged = `Merge pull request #${number} from ${repository.owner}/${pull.head}\n\n${pull.title}`;
  const text = message ?? (method === 'squash' ? squashed : merged);
  const tree = (await git('merge-tree', '--write-tree', base, head)).split('\n')[0] ?? '';
  const parents = method === 'squash' ? ['-p', base] : ['-p', base, '-p', head];
  const commit = await git('commit-tree', tree, ...parents, '-m', text);
  await git('update-ref', `refs/heads/${pull.base}`, commit, base);
  Object.assign(pull, { state: 'closed', headCommit: head, baseCommit: base, mergeCommit: commit });
  return commit;
}
