/** What goes wrong with one request. */
export interface GithubFault {
  /** Whether the forge does what it is asked before it goes wrong: then only the answer is lost. */
  when: 'before' | 'after';
  /**
   * What is answered: a status with a body, nothing on a connection that breaks (`drop`) or stays (`stall`), or what it would have
   * been (`serve`).
   */
  answer: 'serve' | 'drop' | 'stall' | { status: number; headers?: Record<string, string>; body?: unknown };
  /** Done first: the world moves on while a request is on its way. */
  run?: () => void | Promise<void>;
}

/** Which requests a fault is for: the method, and a part of the path (below the API, or of a repository's git). */
export interface GithubMatch {
  method?: string;
  path?: string | RegExp;
}

/** The faults of one forge. */
export interface GithubFaults {
  /** Lets the next matching request go wrong, or `times` of them. */
  inject(match: GithubMatch, fault: GithubFault, options?: { times?: number }): void;
  /** The fault for a request, used up by it. */
  take(method: string, path: string): GithubFault | undefined;
  /** Faults that have not happened yet: a test ends with none. */
  pending(): number;
}

/** An answer of 403 as the secondary limit gives it. Rule: `retry-after` is in seconds, and not always there. */
export function secondaryLimit(seconds: number): GithubFault {
  const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  return { when: 'before', answer: { status: 403, headers: { 'retry-after': String(seconds) }, body: { message } } };
}

/** Makes an empty list of faults; of several that match, the first injected is taken. */
export function createGithubFaults(): GithubFaults {
  let faults: { match: GithubMatch; fault: GithubFault; times: number }[] = [];
  const fits = ({ method, path }: GithubMatch, gotMethod: string, gotPath: string): boolean =>
    (method ?? gotMethod) === gotMethod &&
    (path === undefined || (typeof path === 'string' ? gotPath.includes(path) : path.test(gotPath)));
  return {
    inject(match, fault, { times = 1 } = {}) {
      faults.push({ match, fault, times });
    },
    take(method, path) {
      const found = faults.find(({ match }) => fits(match, method, path));
      if (found === undefined) return undefined;
      found.times -= 1;
      faults = faults.filter(({ times }) => times > 0);
      return found.fault;
    },
    pending: () => faults.reduce((sum, { times }) => sum + times, 0),
  };
}
