import type { EngineAuth } from '@baton/engine';
import { dockerCredentials, parseReference } from '@baton/oci';

/** Credentials for one registry in the form that an engine takes; undefined when there are none. Errors: `CREDENTIALS_INVALID`. */
export async function engineAuth(
  registry: string,
  repository: string,
  env: NodeJS.ProcessEnv,
): Promise<EngineAuth | undefined> {
  const found = await dockerCredentials(env).find(registry, repository);
  if (found === undefined) return undefined;
  return 'identityToken' in found
    ? { registry, identityToken: found.identityToken }
    : { registry, username: found.username, password: found.password };
}

/** Credentials for the registries that images come from, one for each. */
export async function engineAuths(references: readonly string[], env: NodeJS.ProcessEnv): Promise<EngineAuth[]> {
  const places = new Map(references.map(parseReference).map(({ registry, repository }) => [registry, repository]));
  const found = await Promise.all([...places].map(([registry, repository]) => engineAuth(registry, repository, env)));
  return found.filter((auth) => auth !== undefined);
}
