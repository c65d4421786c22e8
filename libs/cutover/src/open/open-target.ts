import { type ObjectStore, type Remote, remoteUrl } from '@baton/git';
import { type ForgeAddress, forgeAddress } from '@baton/github';
import { BatonError, redact, registerSecret } from '@baton/kernel';
import type { PullRequestDescription } from '../model/manifest.ts';

/** Where a cutover is pushed to, and where its pull request is. */
export interface OpenTarget {
  remote: Remote;
  /** `owner/name`. */
  repository: string;
  api: string;
  token: string | undefined;
}

/**
 * Finds remote, repository, API and token. The token goes to the API; to the remote only when that is on the host that the API
 * belongs to, so that naming another API never sends a token to a host that it is not for.
 *
 * @throws BatonError `USAGE`, `CUTOVER_INVALID` when manifest and remote name two repositories
 */
export async function findTarget(
  store: ObjectStore,
  about: PullRequestDescription,
  options: { remote: string; api?: string | undefined; token: string },
  { env, signal }: { env: NodeJS.ProcessEnv; signal?: AbortSignal | undefined },
): Promise<OpenTarget> {
  const url = await remoteUrl(store.dir, options.remote);
  const address = forgeAddress(url);
  const api = options.api ?? address?.api;
  const repository = about.repository ?? address?.repository;
  if (api === undefined || repository === undefined) {
    throw new BatonError('USAGE', `the remote ${options.remote} (${redact(url)}) is no repository on a forge`, {
      hint: 'Name a remote like https://github.com/owner/name or git@host:owner/name.git with --remote; or say --api, and pull-request.repository in the manifest.',
    });
  }
  if (address !== undefined && address.repository.toLowerCase() !== repository.toLowerCase()) {
    throw new BatonError(
      'CUTOVER_INVALID',
      `pull-request.repository is ${repository}, and the remote ${options.remote} is ${address.repository}`,
      { hint: 'The branch is pushed where the pull request is: name the remote of that repository with --remote.' },
    );
  }
  const token = readToken(options.token, env);
  return {
    remote: { url, signal, token: isOfApi(address, api) ? token : undefined },
    repository,
    api,
    token,
  };
}

// The usual variable has a second name.
function readToken(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const names = name === 'GITHUB_TOKEN' ? ['GITHUB_TOKEN', 'GH_TOKEN'] : [name];
  const token = names.map((one) => env[one]?.trim()).find((value) => value !== undefined && value !== '');
  if (token !== undefined) registerSecret(token);
  return token;
}

function isOfApi(address: ForgeAddress | undefined, api: string): boolean {
  return address !== undefined && URL.canParse(api) && new URL(address.api).origin === new URL(api).origin;
}
