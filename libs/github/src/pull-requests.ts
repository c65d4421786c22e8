import { BatonError } from '@baton/kernel';
import { type Api, type Asked, unusable } from './api.ts';
import { pause } from './bounded-fetch.ts';
import type { Forge, NewPullRequest, PullRequest } from './forge.ts';

/** How often a pull request is asked for whose answer was lost and that cannot be found. */
const ATTEMPTS = 3;

/** What is read of GitHub's answers; `head.repo` is null when a fork was deleted. */
interface RawPullRequest {
  number: number;
  html_url: string;
  state: string;
  title: string;
  body: string | null;
  draft?: boolean;
  merged_at: string | null;
  merge_commit_sha: string | null;
  head: { ref: string; sha: string; repo: { full_name: string } | null };
  base: { ref: string };
  labels: readonly { name: string }[];
}

/** Pull requests: found, made once, changed, closed. */
export function pullRequests(
  api: Api,
): Pick<Forge, 'findPullRequests' | 'createPullRequest' | 'updatePullRequest' | 'closePullRequest'> {
  const { owner, repository } = api;

  const find: Forge['findPullRequests'] = async ({ head, marker, state = 'all' }) => {
    const asked: Asked = {
      what: `looking for pull requests from ${head} in ${repository}`,
      needs: 'pull requests: read',
    };
    const found = await api.list<RawPullRequest>(asked, (octokit, parameters) =>
      octokit.rest.pulls.list({ ...parameters, state, head: `${owner}:${head}` }),
    );
    return (
      found
        .map((raw) => ({ raw, pull: toPullRequest(api, raw, asked) }))
        // GitHub ignores a filter that it does not understand and gives all of them; a fork may have a branch of that name.
        .filter(
          ({ raw }) => raw.head.ref === head && raw.head.repo?.full_name.toLowerCase() === repository.toLowerCase(),
        )
        .map(({ pull }) => pull)
        .filter(({ body }) => marker === undefined || body.includes(marker))
        .sort((a, b) => b.number - a.number)
    );
  };

  const findOpen = async ({ head, base }: NewPullRequest): Promise<PullRequest | undefined> =>
    (await find({ head, state: 'open' })).find((pull) => pull.base.branch === base);

  const update = async (number: number, change: { title?: string; body?: string; base?: string; state?: 'closed' }) => {
    const asked: Asked = { what: `changing pull request #${number} of ${repository}`, needs: WRITE, write: 'again' };
    const raw = await api.ask(asked, (octokit, parameters) =>
      octokit.rest.pulls.update({ ...parameters, ...change, pull_number: number }),
    );
    return toPullRequest(api, raw, asked);
  };

  return {
    findPullRequests: find,
    async createPullRequest(request) {
      const asked: Asked = {
        what: `opening a pull request from ${request.head} into ${request.base} of ${repository}`,
        needs: `${WRITE}, and in the settings of an organisation that workflows may open pull requests`,
        write: 'once',
      };
      for (let attempt = 1; ; attempt += 1) {
        try {
          const raw = await api.ask(asked, (octokit, parameters) =>
            octokit.rest.pulls.create({ ...parameters, ...request }),
          );
          return { created: true, pullRequest: toPullRequest(api, raw, asked) };
        } catch (error) {
          const exists = isDuplicate(error);
          if (!exists && !isLost(error)) throw error;
          const pullRequest = await findOpen(request);
          if (pullRequest !== undefined) return { created: !exists, pullRequest };
          if (attempt >= ATTEMPTS) throw error;
          // Lists may lag a little behind what was just made.
          await pause(attempt * api.pace.second, api.signal);
        }
      }
    },
    updatePullRequest: update,
    closePullRequest: (number) => update(number, { state: 'closed' }),
  };
}

const WRITE = 'pull requests: write';

// One head and base have at most one open pull request: GitHub says so with 422, by a message and no code.
function isDuplicate(error: unknown): boolean {
  return error instanceof BatonError && error.code === 'FORGE_REJECTED' && error.message.includes('already exists');
}

function isLost(error: unknown): boolean {
  return error instanceof BatonError && error.code === 'FORGE_UNREACHABLE';
}

function toPullRequest(api: Api, raw: RawPullRequest, asked: Asked): PullRequest {
  if (typeof raw.number !== 'number' || typeof raw.head?.ref !== 'string' || typeof raw.base?.ref !== 'string') {
    throw unusable(api.repository, asked);
  }
  return {
    number: raw.number,
    url: raw.html_url,
    state: raw.merged_at !== null ? 'merged' : raw.state === 'open' ? 'open' : 'closed',
    title: raw.title,
    body: raw.body ?? '',
    draft: raw.draft === true,
    head: { branch: raw.head.ref, commit: raw.head.sha },
    base: { branch: raw.base.ref },
    labels: raw.labels.map(({ name }) => name),
    mergeCommit: raw.merged_at === null ? undefined : (raw.merge_commit_sha ?? undefined),
  };
}
