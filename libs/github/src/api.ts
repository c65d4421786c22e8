import { BatonError, type Emit, registerSecret, silent } from '@baton/kernel';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { parseRepository } from './address.ts';
import { boundedFetch, isThisMachine, pause, raced } from './bounded-fetch.ts';
import type { ForgeOptions, Pace } from './forge.ts';
import { judgeFailure, type Question, rateLimit } from './judge-failure.ts';

const Client = Octokit.plugin(retry, throttling);

/** How often a rate limit is waited for before it counts as an answer. */
const LIMITS_WAITED = 2;

/** What every request gets: the repository, and how it is sent. */
export type Parameters = {
  owner: string;
  repo: string;
  request: { fetch: typeof fetch; retries?: 0 };
};

/** One request: what it is for, and whether it changes something. */
export interface Asked extends Question {
  /** `again`: may be sent again when its answer is lost, because twice is as good as once; `once`: it may not. */
  write?: 'again' | 'once';
}

/** What Octokit gives for an answer. */
export interface Answer<T> {
  status: number;
  headers: { link?: string | undefined };
  data: T;
}

/** The API of a repository. Errors: those of `Forge`. */
export interface Api {
  repository: string;
  owner: string;
  pace: Pace;
  emit: Emit;
  signal: AbortSignal | undefined;
  /** Sends a request, again where that may help, and gives the data of its answer. */
  ask<T>(asked: Asked, send: (octokit: Octokit, parameters: Parameters) => Promise<Answer<T>>): Promise<T>;
  /** All pages of a list. */
  list<T>(
    asked: Asked,
    send: (octokit: Octokit, parameters: Parameters & { per_page: number; page: number }) => Promise<Answer<T[]>>,
  ): Promise<T[]>;
}

/** Pages of 100 that a list may have: more is a server that turns in circles. */
const PAGES = 200;

/** @throws BatonError `USAGE` (what is no repository or address), `FORGE_REJECTED` (a token that would go out in the clear) */
export function connectApi(options: ForgeOptions): Api {
  const { token, signal, emit = silent } = options;
  const { owner, repo } = parseRepository(options.repository);
  const base = checkedBase(options.api, token !== undefined);
  const pace: Pace = { second: 1000, spaced: true, timeout: 30_000, longestLimit: 60, ...options.pace };
  if (token !== undefined) registerSecret(token);
  const octokit = new Client({
    baseUrl: base.href.replace(/\/$/, ''),
    userAgent: 'baton',
    ...(token === undefined ? {} : { auth: token }),
    // Octokit logs requests and deprecations to the console.
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    retry: { retryAfterBaseValue: pace.second, doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451] },
    // Spaces requests. Limits are waited for here, where a signal ends the wait.
    throttle: pace.spaced ? { onRateLimit: ignore, onSecondaryRateLimit: ignore } : { enabled: false },
  });
  const facts = { host: base.host, hasToken: token !== undefined, timeout: pace.timeout };

  const once = async <T>(
    asked: Asked,
    send: (octokit: Octokit, parameters: Parameters) => Promise<Answer<T>>,
  ): Promise<Answer<T>> => {
    const fetch = boundedFetch({ origin: base.origin, timeout: pace.timeout, signal, emit, label: asked.what });
    // A number of retries here would also count for what must not be repeated: only none is said.
    const request = asked.write === 'once' ? { fetch, retries: 0 as const } : { fetch };
    const parameters = { owner, repo, request };
    const answer = await raced(send(octokit, parameters), signal);
    if (answer.status < 300) return answer;
    throw new BatonError(
      'FORGE_REJECTED',
      `${base.host} answered that ${options.repository} has moved while ${asked.what}`,
      {
        hint: 'Use its new address in the remote and in pull-request.repository; requests that change something follow no redirect.',
      },
    );
  };

  const answered = async <T>(
    asked: Asked,
    send: (octokit: Octokit, parameters: Parameters) => Promise<Answer<T>>,
  ): Promise<Answer<T>> => {
    if (asked.write !== undefined && token === undefined) {
      throw new BatonError('FORGE_TOKEN_MISSING', `a token is needed for ${asked.what}, and there is none`, {
        hint: `Set GITHUB_TOKEN or GH_TOKEN; it needs ${asked.needs}.`,
      });
    }
    for (let waited = 0; ; waited += 1) {
      try {
        const answer = await once(asked, send);
        if (typeof answer.data === 'object' && answer.data !== null) return answer;
        throw unusable(base.host, asked);
      } catch (error) {
        const limit = rateLimit(error, Date.now());
        if (limit === undefined || limit.seconds > pace.longestLimit || waited >= LIMITS_WAITED) {
          throw judgeFailure(error, asked, facts);
        }
        emit({ type: 'retry', label: asked.what, detail: `the forge limits requests; again in ${limit.seconds} s` });
        await pause(limit.seconds * pace.second, signal);
      }
    }
  };

  return {
    repository: `${owner}/${repo}`,
    owner,
    pace,
    emit,
    signal,
    ask: async (asked, send) => (await answered(asked, send)).data,
    async list<T>(
      asked: Asked,
      send: (octokit: Octokit, parameters: Parameters & { per_page: number; page: number }) => Promise<Answer<T[]>>,
    ): Promise<T[]> {
      const all: T[] = [];
      for (let page = 1; page <= PAGES; page += 1) {
        const answer = await answered(asked, (client, parameters) =>
          send(client, { ...parameters, per_page: 100, page }),
        );
        if (!Array.isArray(answer.data)) throw unusable(base.host, asked);
        all.push(...answer.data);
        // Only whether there is a next page: where it is, we know better than to believe a header.
        if (!/;\s*rel="?next"?/.test(answer.headers.link ?? '')) return all;
      }
      throw unusable(base.host, asked);
    },
  };
}

/** The error for an answer that is none: a page of a proxy, another JSON than the documented one. */
export function unusable(host: string, { what }: Question): BatonError {
  return new BatonError(
    'FORGE_UNREACHABLE',
    `${host} answered with something else than the documented JSON while ${what}`,
    {
      hint: 'Is this the API of a GitHub server, and not a page before it? Say --api with the right one.',
    },
  );
}

function checkedBase(api: string, hasToken: boolean): URL {
  const url = URL.canParse(api) ? new URL(api) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new BatonError('USAGE', `expected the address of an API (https://...) without credentials, found ${api}`);
  }
  if (hasToken && url.protocol === 'http:' && !isThisMachine(url.hostname)) {
    throw new BatonError('FORGE_REJECTED', `${url.origin} is not encrypted, and a token would be sent in the clear`, {
      hint: 'Use https.',
    });
  }
  return url;
}

function ignore(): undefined {
  return undefined;
}
