import { type GithubExchange, GithubRefusal, type GithubRoute, invalid, notFound, route } from './github-answers.ts';
import type { GithubRepository, StoredStatus } from './github-repository.ts';
import { checkRun, commitShape, commitStatus, fullRepository, label, minimalRepository } from './github-shapes.ts';

type Find = (exchange: GithubExchange) => GithubRepository;

/** Repositories and their branches. */
export function repositoryRoutes(find: Find): GithubRoute[] {
  return [
    route({
      operation: 'repos/get',
      method: 'GET',
      path: '/repos/{owner}/{repo}',
      status: 200,
      answer: async (exchange) => fullRepository(find(exchange)),
    }),
    route({
      operation: 'repos/get-branch',
      method: 'GET',
      path: '/repos/{owner}/{repo}/branches/{branch+}',
      status: 200,
      async answer(exchange) {
        const repository = find(exchange);
        const { branch = '' } = exchange.path;
        const commit = await repository.head(branch);
        if (commit === undefined) throw new GithubRefusal(404, 'Branch not found');
        const { url, html_url } = minimalRepository(repository);
        const self = `${url}/branches/${branch}`;
        return {
          name: branch,
          commit: await commitShape(repository, commit),
          _links: { self, html: `${html_url}/tree/${branch}` },
          protected: repository.protected.has(branch),
          protection: { enabled: repository.protected.has(branch) },
          protection_url: `${self}/protection`,
        };
      },
    }),
  ];
}

/**
 * Labels of a repository and of its issues (a pull request is an issue). Rule that surprises: adding or setting a label that the
 * repository does not have makes it.
 */
export function labelRoutes(find: Find): GithubRoute[] {
  const pullOf = (exchange: GithubExchange) => {
    const pull = find(exchange).pulls.find(({ number }) => String(number) === exchange.path.number);
    if (pull === undefined) throw notFound();
    return pull;
  };
  const wanted = (exchange: GithubExchange): string[] => {
    const { labels } = exchange.body;
    if (!Array.isArray(labels)) throw invalid({ resource: 'Label', field: 'labels', code: 'missing_field' });
    const repository = find(exchange);
    const known = new Map([...repository.labels].map((name) => [name.toLowerCase(), name]));
    return labels.map((one) => {
      const name = known.get(String(one).toLowerCase()) ?? String(one);
      repository.labels.add(name);
      return name;
    });
  };
  const shared = { path: '/repos/{owner}/{repo}/issues/{number}/labels', status: 200, needs: 'issues=write' } as const;
  return [
    route({
      operation: 'issues/list-labels-for-repo',
      method: 'GET',
      path: '/repos/{owner}/{repo}/labels',
      status: 200,
      async answer(exchange) {
        const repository = find(exchange);
        return exchange.page([...repository.labels].sort().map((name) => label(repository, name)));
      },
    }),
    route({
      ...shared,
      operation: 'issues/add-labels',
      method: 'POST',
      async answer(exchange) {
        const pull = pullOf(exchange);
        pull.labels = [...new Set([...pull.labels, ...wanted(exchange)])];
        return pull.labels.map((name) => label(find(exchange), name));
      },
    }),
    route({
      ...shared,
      operation: 'issues/set-labels',
      method: 'PUT',
      async answer(exchange) {
        const pull = pullOf(exchange);
        pull.labels = [...new Set(wanted(exchange))];
        return pull.labels.map((name) => label(find(exchange), name));
      },
    }),
  ];
}

/**
 * Check runs and commit statuses of a commit. Rules: `filter=latest` (the default) gives the newest run of each suite; the combined
 * status has the newest status of each context, and is a failure when one failed, pending when one is pending or there is none.
 */
export function checkRoutes(find: Find): GithubRoute[] {
  return [
    route({
      operation: 'checks/list-for-ref',
      method: 'GET',
      path: '/repos/{owner}/{repo}/commits/{ref}/check-runs',
      status: 200,
      async answer(exchange) {
        const repository = find(exchange);
        const runs = repository.runs.filter(({ commit }) => commit === exchange.path.ref).reverse();
        return { total_count: runs.length, check_runs: exchange.page(runs).map((run) => checkRun(repository, run)) };
      },
    }),
    route({
      operation: 'repos/get-combined-status-for-ref',
      method: 'GET',
      path: '/repos/{owner}/{repo}/commits/{ref}/status',
      status: 200,
      async answer(exchange) {
        const repository = find(exchange);
        const { ref = '' } = exchange.path;
        const newest = new Map<string, StoredStatus>();
        for (const status of repository.statuses) if (status.commit === ref) newest.set(status.context, status);
        const all = [...newest.values()];
        const { url } = minimalRepository(repository);
        const isFailed = all.some(({ state }) => state === 'failure' || state === 'error');
        const isGood = all.length > 0 && all.every(({ state }) => state === 'success');
        return {
          state: isFailed ? 'failure' : isGood ? 'success' : 'pending',
          statuses: exchange.page(all).map((status) => commitStatus(repository, status)),
          sha: ref,
          total_count: all.length,
          repository: minimalRepository(repository),
          commit_url: `${url}/commits/${ref}`,
          url: `${url}/commits/${ref}/status`,
        };
      },
    }),
  ];
}
