import { BatonError } from '@baton/kernel';
import { connectApi, unusable } from './api.ts';
import { checks } from './checks.ts';
import type { Forge, ForgeOptions } from './forge.ts';
import { labels } from './labels.ts';
import { pullRequests } from './pull-requests.ts';

/**
 * Opens a repository on a forge. Nothing is asked yet.
 *
 * @throws BatonError `USAGE` (what is no repository or address), `FORGE_REJECTED` (a token that would go out in the clear)
 */
export function openForge(options: ForgeOptions): Forge {
  const api = connectApi(options);
  const { repository } = api;
  return {
    repository,
    async repositoryInfo() {
      const asked = { what: `looking at ${repository}`, needs: 'metadata: read' };
      const data = await api.ask(asked, (octokit, parameters) => octokit.rest.repos.get(parameters));
      if (typeof data.default_branch !== 'string') throw unusable(options.api, asked);
      return { repository: data.full_name, defaultBranch: data.default_branch, archived: data.archived };
    },
    async branch(name) {
      const asked = { what: `looking at the branch ${name} of ${repository}`, needs: 'contents: read' };
      try {
        const data = await api.ask(asked, (octokit, parameters) =>
          octokit.rest.repos.getBranch({ ...parameters, branch: name }),
        );
        if (typeof data.commit?.sha !== 'string') throw unusable(options.api, asked);
        return { commit: data.commit.sha, protected: data.protected };
      } catch (error) {
        if (error instanceof BatonError && error.code === 'FORGE_NOT_FOUND') return undefined;
        throw error;
      }
    },
    ...pullRequests(api),
    ...labels(api),
    ...checks(api),
  };
}
