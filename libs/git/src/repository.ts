import { join } from 'node:path';
import { BatonError } from '@baton/kernel';
import { type TrackedPath, trackedPaths } from './paths.ts';
import { askGit, gitFailed, runGit } from './run-git.ts';

/**
 * What Baton asks a repository. Nothing is written; each question is one process, so a caller may ask several at once.
 * Paths are absolute, or relative to the root; one outside of the repository is `GIT_FAILED`.
 */
export interface Repository {
  /** The real path of the work tree. */
  readonly root: string;
  /** The commit that is checked out, or undefined before the first commit. */
  head(): Promise<string | undefined>;
  /** The newest commit that changed something at or below the paths, or undefined. In a shallow clone it may be too new. */
  lastCommitTouching(paths: readonly string[]): Promise<string | undefined>;
  /** Whether something at or below the paths differs from the commit: changed, staged, deleted, or untracked and not ignored. */
  isDirty(paths: readonly string[]): Promise<boolean>;
  /** The tags, annotated or not, on the commit that is checked out; sorted. */
  tagsAtHead(): Promise<string[]>;
  /** Whether history was cut off when it was cloned. */
  isShallow(): Promise<boolean>;
  /** When a commit was made (committer time), in seconds since 1970. */
  commitTime(commit: string): Promise<number>;
  /** For each tracked file at or below the paths, whether git's index calls it executable. Keys begin as the paths given do. */
  executableFiles(paths: readonly string[]): Promise<Map<string, boolean>>;
}

/** The repository whose work tree is at `root`, a real path. */
export function repositoryAt(root: string): Repository {
  const specs = (paths: TrackedPath[]): string[] => ['--', ...paths.map(({ inside }) => inside)];
  return {
    root,
    head: () => headOf(root),
    async lastCommitTouching(paths) {
      // Without a path git would answer for all of them.
      if (paths.length === 0) return undefined;
      const tracked = await trackedPaths(root, paths);
      const out = await askAboutHead(root, ['rev-list', '--max-count=1', 'HEAD', ...specs(tracked)]);
      return text(out) || undefined;
    },
    async isDirty(paths) {
      if (paths.length === 0) return false;
      const tracked = await trackedPaths(root, paths);
      const options = ['--porcelain=v2', '-z', '--untracked-files=normal', '--ignore-submodules=none', '--no-renames'];
      const out = await askGit(root, ['status', ...options, ...specs(tracked)]);
      return out.byteLength > 0;
    },
    async tagsAtHead() {
      const out = await askAboutHead(root, [
        'for-each-ref',
        '--points-at=HEAD',
        '--format=%(refname:strip=2)',
        'refs/tags',
      ]);
      return text(out).split('\n').filter(Boolean);
    },
    isShallow: async () => text(await askGit(root, ['rev-parse', '--is-shallow-repository'])) === 'true',
    async commitTime(commit) {
      // Also keeps options and ranges out of the command.
      if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit)) {
        throw new BatonError('GIT_FAILED', `expected a full commit id, found ${JSON.stringify(commit)}`, {
          hint: 'Write all 40 (or 64) hexadecimal digits.',
        });
      }
      const out = await askGit(root, ['rev-list', '--max-count=1', '--timestamp', commit, '--']);
      return Number(text(out).split(' ')[0]);
    },
    async executableFiles(paths) {
      if (paths.length === 0) return new Map();
      const tracked = await trackedPaths(root, paths);
      return modesOf(await askGit(root, ['ls-files', '--stage', '-z', ...specs(tracked)]), tracked);
    },
  };
}

async function headOf(root: string): Promise<string | undefined> {
  const question = ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'];
  const result = await runGit(root, question);
  if (result.code === 0) return text(result.stdout);
  if (result.code === 1) return undefined;
  throw gitFailed(root, question, result);
}

// Before the first commit HEAD names nothing and git fails; the second process runs only then.
async function askAboutHead(root: string, question: readonly string[]): Promise<Buffer> {
  const result = await runGit(root, question);
  if (result.code === 0) return result.stdout;
  if ((await headOf(root)) === undefined) return Buffer.alloc(0);
  throw gitFailed(root, question, result);
}

// Each entry is "<mode> <object> <stage>\t<path>"; git-ls-files(1).
function modesOf(listing: Buffer, tracked: readonly TrackedPath[]): Map<string, boolean> {
  const modes = new Map<string, boolean>();
  for (const entry of listing.toString('utf8').split('\0')) {
    const tab = entry.indexOf('\t');
    const mode = entry.slice(0, 6);
    if (tab === -1 || (mode !== '100644' && mode !== '100755')) continue;
    const path = entry.slice(tab + 1);
    for (const { given, inside } of tracked) {
      if (inside === '.') modes.set(join(given, path), mode === '100755');
      else if (path === inside) modes.set(given, mode === '100755');
      else if (path.startsWith(`${inside}/`)) modes.set(join(given, path.slice(inside.length + 1)), mode === '100755');
    }
  }
  return modes;
}

function text(bytes: Buffer): string {
  return bytes.toString('utf8').trimEnd();
}
