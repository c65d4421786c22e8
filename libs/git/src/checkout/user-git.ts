import type { GitOptions } from '../run-git.ts';

/**
 * Options of `runGit` for the two questions that are about a person's checkout: what is changed in it, and which bytes a file
 * has there. Line endings, filters and ignore rules are often configured per user (`core.autocrlf`, `filter.lfs.*`), and a
 * checkout must be what that person's own git expects, or it would look changed to them. No commit depends on it.
 */
export function asUser(options: GitOptions = {}): GitOptions {
  return {
    ...options,
    env: {
      GIT_CONFIG_NOSYSTEM: undefined,
      GIT_CONFIG_GLOBAL: process.env.GIT_CONFIG_GLOBAL,
      GIT_ATTR_NOSYSTEM: undefined,
      XDG_CONFIG_HOME: process.env.XDG_CONFIG_HOME,
      ...(process.env.GIT_CONFIG_NOSYSTEM === undefined
        ? {}
        : { GIT_CONFIG_NOSYSTEM: process.env.GIT_CONFIG_NOSYSTEM }),
      ...options.env,
    },
  };
}
