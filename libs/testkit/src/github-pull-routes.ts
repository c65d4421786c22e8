import { type GithubExchange, type GithubRoute, invalid, notFound, route, textOf } from './github-answers.ts';
import { fullPull, simplePull } from './github-pull-shapes.ts';
import type { GithubRepository, StoredPull } from './github-repository.ts';

/** GitHub's limit of a body. */
const LONGEST_BODY = 65_536;

/**
 * Pull requests. The rules, from GitHub's documentation and the answers that people quote:
 *
 * | Rule | Answer |
 * |:--|:--|
 * | list: `state` is open (the default), closed or all; newest first | 200 |
 * | list: `head` is `user:branch`; one without a user is ignored | 200, everything |
 * | create: title, head and base are needed | 422 `missing_field` |
 * | create: head and base must be branches | 422 `invalid` of that field |
 * | create: there must be a commit between them | 422 `custom`, "No commits between BASE and HEAD" |
 * | create: one open pull request for a head and a base | 422 `custom`, "A pull request already exists for USER:HEAD." |
 * | create: drafts only where the plan has them | 422 `custom` |
 * | a body has at most 65,536 characters | 422 `custom` |
 * | update: what is not named stays; a merged one does not open again | 200, 422 |
 */
export function pullRoutes(find: (exchange: GithubExchange) => GithubRepository, nextId: () => number): GithubRoute[] {
  const base = '/repos/{owner}/{repo}/pulls';
  return [
    route({
      operation: 'pulls/list',
      method: 'GET',
      path: base,
      status: 200,
      async answer(exchange) {
        const repository = find(exchange);
        const { query } = exchange;
        const state = query.get('state') ?? 'open';
        const [user, head] = query.get('head')?.split(':', 2) ?? [];
        const wanted = repository.pulls.filter(
          (pull) =>
            (state === 'all' || pull.state === state) &&
            (head === undefined || (pull.head === head && user?.toLowerCase() === repository.owner.toLowerCase())) &&
            (query.get('base') ?? pull.base) === pull.base,
        );
        await Promise.all(wanted.map((pull) => refresh(repository, pull)));
        return exchange.page(wanted.map((pull) => simplePull(repository, pull)).reverse());
      },
    }),
    route({
      operation: 'pulls/create',
      method: 'POST',
      path: base,
      status: 201,
      needs: 'pull_requests=write',
      async answer(exchange) {
        const repository = find(exchange);
        const pull = await created(repository, exchange.body, nextId());
        repository.pulls.push(pull);
        return await fullPull(repository, pull);
      },
    }),
    route({
      operation: 'pulls/get',
      method: 'GET',
      path: `${base}/{number}`,
      status: 200,
      async answer(exchange) {
        const repository = find(exchange);
        const pull = pullOf(repository, exchange);
        await refresh(repository, pull);
        return await fullPull(repository, pull);
      },
    }),
    route({
      operation: 'pulls/update',
      method: 'PATCH',
      path: `${base}/{number}`,
      status: 200,
      needs: 'pull_requests=write',
      async answer(exchange) {
        const repository = find(exchange);
        const pull = pullOf(repository, exchange);
        await refresh(repository, pull);
        await change(repository, pull, exchange.body);
        return await fullPull(repository, pull);
      },
    }),
  ];
}

function pullOf(repository: GithubRepository, { path }: GithubExchange): StoredPull {
  const pull = repository.pulls.find(({ number }) => String(number) === path.number);
  if (pull === undefined) throw notFound();
  return pull;
}

// An open one follows its branches.
async function refresh(repository: GithubRepository, pull: StoredPull): Promise<void> {
  if (pull.state !== 'open') return;
  pull.headCommit = (await repository.head(pull.head)) ?? pull.headCommit;
  pull.baseCommit = (await repository.head(pull.base)) ?? pull.baseCommit;
}

async function created(repository: GithubRepository, body: GithubExchange['body'], id: number): Promise<StoredPull> {
  const resource = 'PullRequest';
  const needed = (field: string): string => {
    const value = textOf(body, field, resource);
    if (value === undefined || value === '') throw invalid({ resource, field, code: 'missing_field' });
    return value;
  };
  const [title, head, base] = [needed('title'), needed('head').replace(/^[^:]*:/, ''), needed('base')];
  const baseCommit = await repository.head(base);
  if (baseCommit === undefined) throw invalid({ resource, field: 'base', code: 'invalid' });
  const headCommit = await repository.head(head);
  if (headCommit === undefined) throw invalid({ resource, field: 'head', code: 'invalid' });
  const custom = (message: string) => invalid({ resource, code: 'custom', message });
  if ((await repository.git('rev-list', '--max-count=1', `${baseCommit}..${headCommit}`)) === '') {
    throw custom(`No commits between ${base} and ${head}`);
  }
  if (repository.pulls.some((pull) => pull.state === 'open' && pull.head === head && pull.base === base)) {
    throw custom(`A pull request already exists for ${repository.owner}:${head}.`);
  }
  const draft = body.draft === true;
  if (draft && !repository.drafts) throw custom('Draft pull requests are not supported in this repository.');
  return {
    id,
    number: repository.pulls.length + 1,
    title,
    body: checkedBody(body) ?? null,
    state: 'open',
    draft,
    head,
    base,
    headCommit,
    baseCommit,
    labels: [],
    mergeCommit: null,
  };
}

async function change(repository: GithubRepository, pull: StoredPull, body: GithubExchange['body']): Promise<void> {
  const resource = 'PullRequest';
  const [title, base, state] = ['title', 'base', 'state'].map((field) => textOf(body, field, resource));
  const text = checkedBody(body);
  if (title === '') throw invalid({ resource, field: 'title', code: 'missing_field' });
  if (base !== undefined && (await repository.head(base)) === undefined) {
    throw invalid({ resource, field: 'base', code: 'invalid' });
  }
  if (state === 'open' && pull.mergeCommit !== null) throw invalid({ resource, field: 'state', code: 'invalid' });
  if (title !== undefined) pull.title = title;
  if (text !== undefined) pull.body = text;
  if (base !== undefined) pull.base = base;
  if (state === 'open' || state === 'closed') pull.state = state;
}

function checkedBody(body: GithubExchange['body']): string | undefined {
  const text = textOf(body, 'body', 'PullRequest');
  if (text === undefined || text.length <= LONGEST_BODY) return text;
  throw invalid({
    resource: 'PullRequest',
    field: 'body',
    code: 'custom',
    message: `body is too long (maximum is ${LONGEST_BODY} characters)`,
  });
}
