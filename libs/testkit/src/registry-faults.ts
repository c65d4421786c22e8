/** What goes wrong with one request. */
export type FaultAction =
  /** Answers with this status, after reading the request, or at once when `early`. */
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string | Buffer; early?: boolean }
  /**
   * Resets the connection (RST): before any work, after `bytes` of the request's or the answer's body, or with the work
   * done and unanswered.
   */
  | { kind: 'reset'; when: 'before' | 'request' | 'response' | 'after'; bytes?: number }
  /** Announces the whole body, sends `bytes` of it and closes the connection in good order. */
  | { kind: 'truncate'; bytes: number }
  /** Flips a bit in the body: other bytes than the digest promises. */
  | { kind: 'corrupt' }
  /** Sends more than there is; with chunked encoding, so that no length gives it away. */
  | { kind: 'extend'; bytes: number }
  /** Sends the body in pieces of `chunk` bytes, `pause` milliseconds apart. */
  | { kind: 'slow'; chunk: number; pause: number }
  /** Sends `bytes` of the answer's body (or reads so many of the request's, for an upload), then nothing more. */
  | { kind: 'stall'; bytes: number }
  /** Forgets the upload session that the request names, before looking for it. */
  | { kind: 'lose-session' }
  /** Sets headers of the answer; undefined removes one. */
  | { kind: 'headers'; headers: Record<string, string | undefined> }
  /** Serves the request, but only after this has been done. */
  | { kind: 'after'; run: () => void | Promise<void> };

/** Which requests a fault is for. */
export interface FaultMatch {
  method?: string;
  /** Part of the path, or a pattern for path and query. */
  path?: string | RegExp;
}

/** A fault waiting for its requests. */
export interface Fault {
  match: FaultMatch;
  action: FaultAction;
  /** Matching requests that are still let through first. */
  skip: number;
  /** Requests that are still to be hit. */
  times: number;
}

/** The faults of one registry. */
export interface Faults {
  /** Lets the next matching request go wrong, or `times` of them, after letting `skip` through. */
  inject(match: FaultMatch, action: FaultAction, options?: { times?: number; skip?: number }): void;
  /** The fault for a request, used up by it. */
  take(method: string, url: string): FaultAction | undefined;
  /** Faults that have not happened yet: a test ends with none. */
  pending(): number;
  clear(): void;
}

/** Makes an empty list of faults; of several that match, the first injected is taken. */
export function createFaults(): Faults {
  let faults: Fault[] = [];
  return {
    inject(match, action, { times = 1, skip = 0 } = {}) {
      faults.push({ match, action, times, skip });
    },
    take(method, url) {
      for (const fault of faults) {
        if (!matches(fault.match, method, url)) continue;
        if (fault.skip > 0) {
          fault.skip -= 1;
          continue;
        }
        fault.times -= 1;
        if (fault.times <= 0) faults = faults.filter((other) => other !== fault);
        return fault.action;
      }
      return undefined;
    },
    pending: () => faults.length,
    clear() {
      faults = [];
    },
  };
}

function matches({ method, path }: FaultMatch, found: string, url: string): boolean {
  if (method !== undefined && method !== found) return false;
  if (path === undefined) return true;
  return typeof path === 'string' ? url.includes(path) : path.test(url);
}
