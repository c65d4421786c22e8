import type { TargetConfiguration } from '@nx/devkit';
import { isNameable, isWithin, pathToken, shellWord } from './workspace-path.ts';

/** One entry of a target's `inputs`. */
export type Input = NonNullable<TargetConfiguration['inputs']>[number];

/**
 * The inputs that watch files and folders which git tracks or would track; a path may be either, so both are named.
 *
 * @param paths workspace paths; those that a fileset cannot name are watched by content
 */
export function fileInputs(projectRoot: string, paths: readonly string[]): Input[] {
  const filesets = paths.filter(isNameable).flatMap((path) => {
    const token = pathToken(projectRoot, path);
    return path === projectRoot
      ? // What targets make lies in `dist`; as an input it would make every second run a miss.
        [`${token}/**/*`, `!${token}/dist/**/*`, `!${token}/node_modules/**/*`]
      : [token, `${token}/**/*`];
  });
  return [...filesets, ...contentInput(paths.filter((path) => !isNameable(path)))];
}

/**
 * An input that watches the bytes below some paths by reading them.
 *
 * Nx hashes only files that git does not ignore and that lie in the workspace. A layer may copy others (what another
 * tool built, say), and a cached image with old files in it would be wrong without a word. `find` tells the names,
 * `cksum` the content; sorted, because directories have no order.
 */
export function contentInput(paths: readonly string[]): Input[] {
  if (paths.length === 0) return [];
  const words = paths.map((path) => shellWord(path.startsWith('-') ? `./${path}` : path)).join(' ');
  const list = '-type f -exec cksum {} + -o -type l -exec readlink {} \\; -print -o -print';
  return [{ runtime: `find ${words} ${list} 2>/dev/null | LC_ALL=C sort` }];
}

/**
 * Inputs that watch what a task of another target made.
 *
 * @param paths workspace paths of files or folders among the outputs of a direct dependency
 */
export function madeInputs(paths: readonly string[]): Input[] {
  return paths.flatMap((path) => [{ dependentTasksOutputFiles: path }, { dependentTasksOutputFiles: `${path}/**/*` }]);
}

/**
 * The input that carries what git says about the declared inputs: the last commit that touched them, and whether they
 * are dirty.
 *
 * The image's label `org.opencontainers.image.revision` says the same, and Nx hashes files, not history. Without this
 * input a commit that leaves every file as it was (dirty work committed, a revert and its revert) would be a cache hit,
 * and the restored image would name the older commit, or a dirty state that is none. Commits that touch nothing of it
 * change neither answer. Where no commit has touched it yet the label names HEAD. Outside git all answers are empty.
 *
 * @param paths workspace paths
 */
export function gitInput(paths: readonly string[]): Input {
  const words = paths.map(shellWord).join(' ');
  const commit = `c=$(git log -1 --format=%H -- ${words}); echo "\${c:-$(git rev-parse HEAD)}"`;
  return {
    runtime: `export GIT_OPTIONAL_LOCKS=0; { ${commit}; git status --porcelain -- ${words}; } 2>/dev/null || true`,
  };
}

/** The input that watches the key that the environment names for signing: its place and, by a checksum, its content. */
export function signingKeyInput(): Input {
  return { runtime: `cksum "\${BATON_SIGNING_KEY:-/dev/null}" 2>/dev/null || true` };
}

/** Leaves out a path that another one of the list covers. */
export function withoutCovered(paths: readonly string[]): string[] {
  const unique = [...new Set(paths)];
  return unique.filter((path) => !unique.some((other) => other !== path && isWithin(other, path)));
}
