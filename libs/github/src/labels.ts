import { BatonError, plural } from '@baton/kernel';
import type { Api } from './api.ts';
import type { Forge } from './forge.ts';

/** Labels: a closed set of the repository. */
export function labels(api: Api): Pick<Forge, 'labels' | 'addLabels'> {
  const { repository } = api;
  const all = async (): Promise<string[]> => {
    const asked = { what: `listing the labels of ${repository}`, needs: 'issues: read' };
    const found = await api.list<{ name: string }>(asked, (octokit, parameters) =>
      octokit.rest.issues.listLabelsForRepo(parameters),
    );
    return found.map(({ name }) => name);
  };
  return {
    labels: all,
    async addLabels(number, names) {
      // GitHub makes labels that it does not know.
      demandLabels(await all(), names, repository);
      const asked = {
        what: `adding labels to #${number} of ${repository}`,
        needs: 'pull requests: write',
        write: 'again' as const,
      };
      const now = await api.ask(asked, (octokit, parameters) =>
        octokit.rest.issues.addLabels({ ...parameters, issue_number: number, labels: [...names] }),
      );
      return now.map(({ name }) => name);
    },
  };
}

/**
 * Demands that all labels exist; small and large letters are one, as on GitHub.
 *
 * @throws BatonError `FORGE_NOT_FOUND` with all that do not
 */
export function demandLabels(existing: readonly string[], wanted: readonly string[], repository: string): void {
  const known = new Set(existing.map((name) => name.toLowerCase()));
  const missing = wanted.filter((name) => !known.has(name.toLowerCase()));
  if (missing.length === 0) return;
  throw new BatonError(
    'FORGE_NOT_FOUND',
    `${repository} does not have ${plural(missing.length, 'label')} that the pull request wants: ${missing.join(', ')}`,
    {
      hint: 'Labels are never created: make them on the forge, or correct pull-request.labels.',
      details: { missing, existing: [...existing].sort() },
    },
  );
}
