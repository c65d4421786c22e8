import type { Api } from './api.ts';
import type { Check, Forge } from './forge.ts';

interface Run {
  id: number | bigint;
  name: string;
  status: string;
  conclusion: string | null;
  app: { slug?: string } | null;
}

/** Check runs (of apps, GitHub's own workflows among them) and commit statuses (of everything older): GitHub requires either by name. */
export function checks(api: Api): Pick<Forge, 'checks'> {
  const { repository } = api;
  return {
    async checks(commit) {
      const what = `asking for the checks of ${commit.slice(0, 12)} in ${repository}`;
      const runs = await api.list<Run>({ what, needs: 'checks: read' }, async (octokit, parameters) => {
        const answer = await octokit.rest.checks.listForRef({ ...parameters, ref: commit, filter: 'latest' });
        return { ...answer, data: answer.data.check_runs };
      });
      const statuses = await api.list<{ context: string; state: string }>(
        { what, needs: 'commit statuses: read' },
        async (octokit, parameters) => {
          const answer = await octokit.rest.repos.getCombinedStatusForRef({ ...parameters, ref: commit });
          return { ...answer, data: answer.data.statuses };
        },
      );
      return [...latest(runs), ...statuses.map(({ context, state }) => ({ name: context, state, app: undefined }))];
    },
  };
}

// "latest" of GitHub is per suite: two events on one commit (a push and a pull request) make two suites with runs of the same name.
function latest(runs: readonly Run[]): Check[] {
  const newest = new Map<string, Run>();
  for (const run of runs) {
    const key = `${run.app?.slug ?? ''}\0${run.name}`;
    const other = newest.get(key);
    if (other === undefined || other.id < run.id) newest.set(key, run);
  }
  return [...newest.values()].map(({ name, status, conclusion, app }) => ({
    name,
    state: status === 'completed' ? (conclusion ?? 'pending') : status,
    app: app?.slug,
  }));
}
