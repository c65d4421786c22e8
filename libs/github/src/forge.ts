import type { Emit } from '@baton/kernel';

/** Which repository of which forge, and how it is asked. */
export interface ForgeOptions {
  /** The root of the API: `https://api.github.com`, `https://git.example.com/api/v3`. */
  api: string;
  /** `owner/name`. */
  repository: string;
  /** Sent to the API's origin alone, and never over plain http but to this machine. Reading what is public needs none. */
  token?: string | undefined;
  signal?: AbortSignal | undefined;
  emit?: Emit | undefined;
  /** For tests: how time passes. */
  pace?: Partial<Pace> | undefined;
}

/** How time passes between requests. */
export interface Pace {
  /** Milliseconds of one second of waiting before a request is sent again: 1000. */
  second: number;
  /** Whether requests that change something are 1 s apart, and those that notify people 3 s, as GitHub asks for. */
  spaced: boolean;
  /** Milliseconds until a request without answer is given up: 30,000. */
  timeout: number;
  /** The longest rate limit that is waited for, in seconds: 60. */
  longestLimit: number;
}

/** A pull request, as far as it matters here. */
export interface PullRequest {
  number: number;
  /** The page for people. */
  url: string;
  state: 'open' | 'closed' | 'merged';
  title: string;
  /** Empty when there is none. May have CRLF: GitHub's own page writes them. */
  body: string;
  draft: boolean;
  head: { branch: string; commit: string };
  base: { branch: string };
  labels: readonly string[];
  /** The commit on the base branch, of a merged one. */
  mergeCommit: string | undefined;
}

/** What a new pull request says. */
export interface NewPullRequest {
  /** A branch of the same repository. */
  head: string;
  base: string;
  title: string;
  body: string;
  draft: boolean;
}

/** A check run or a commit status. */
export interface Check {
  name: string;
  /** `success`, `failure`, `skipped`, ... of what has ended; `queued`, `in_progress`, `pending`, ... of what has not. */
  state: string;
  /** The app of a check run; undefined for a status. */
  app: string | undefined;
}

/**
 * A repository on GitHub or GitHub Enterprise. Errors of every call: `FORGE_TOKEN_MISSING`, `FORGE_DENIED` and `FORGE_NOT_FOUND` (with
 * the permission that is needed), `RATE_LIMITED` (when it lasts longer than is worth waiting; names its end), `FORGE_UNREACHABLE`
 * (after repetitions), `FORGE_REJECTED`, `INTERRUPTED`.
 *
 * Groups of calls are files beside this one; those of releases and tags will be more of them.
 */
export interface Forge {
  /** `owner/name`. */
  readonly repository: string;
  repositoryInfo(): Promise<{ repository: string; defaultBranch: string; archived: boolean }>;
  /** Where a branch is; undefined when there is none. */
  branch(name: string): Promise<{ commit: string; protected: boolean } | undefined>;

  /** Those from a branch of this repository, newest first: open, closed and merged; `marker` keeps those whose body holds it. */
  findPullRequests(search: { head: string; marker?: string; state?: 'open' | 'all' }): Promise<PullRequest[]>;
  /**
   * Makes a pull request, or finds the open one that there is already from this branch into that: also when GitHub made it and its
   * answer was lost. There are never two.
   */
  createPullRequest(request: NewPullRequest): Promise<{ created: boolean; pullRequest: PullRequest }>;
  /** Changes what is given. */
  updatePullRequest(number: number, change: { title?: string; body?: string; base?: string }): Promise<PullRequest>;
  closePullRequest(number: number): Promise<PullRequest>;

  /** Names of the labels that the repository has. */
  labels(): Promise<string[]>;
  /**
   * Adds labels to a pull request and keeps those that it has.
   *
   * @throws BatonError `FORGE_NOT_FOUND` with all that do not exist: GitHub would make them, we never do
   */
  addLabels(number: number, labels: readonly string[]): Promise<string[]>;

  /** Check runs and commit statuses of a commit: of each name (and app) the latest. */
  checks(commit: string): Promise<Check[]>;
}
