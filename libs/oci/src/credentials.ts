import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { credentialsIn, helperFor, helpersIn, readCredentialsFile } from './credentials-file.ts';
import { type Credentials, known } from './credentials-forms.ts';

/** Finds credentials for a registry. */
export interface CredentialSource {
  /**
   * The credentials for a host (`ghcr.io`, `docker.io`, `localhost:5000`), or undefined when there are none.
   *
   * @param repository what is to be read or written there, where that is known: some files have several accounts per host
   */
  find(host: string, repository?: string): Promise<Credentials | undefined>;
  /** Where it looks, for people: 'the Docker config /home/a/.docker/config.json'. No secrets. */
  readonly description: string;
}

/**
 * Credentials as `docker login` and `podman login` leave them. The first of these that has some for the host counts:
 *
 * 1. the file that `REGISTRY_AUTH_FILE` names;
 * 2. Docker's: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`;
 * 3. podman's: `$XDG_RUNTIME_DIR/containers/auth.json` (else `/run/containers/UID/auth.json`), then
 *    `$XDG_CONFIG_HOME/containers/auth.json` (else below `~/.config`);
 * 4. for ghcr.io only: GITHUB_TOKEN with the user GITHUB_ACTOR.
 *
 * Within a file: the helper that `credHelpers` names for the host, else the one of `credsStore`, then the entries of
 * `auths`, longest key first. A helper that does not know the host is no error.
 *
 * The files are read at each look-up, so a new login counts at once. An absent file is no error; `CREDENTIALS_INVALID`
 * (naming file and key, never a value) when one is broken, or a helper is missing or fails. Secrets found are
 * registered, so that no message shows them.
 */
export function dockerCredentials(env: NodeJS.ProcessEnv = process.env): CredentialSource {
  const places = placesOf(env);
  return {
    get description() {
      return describe(places);
    },
    async find(host, repository) {
      for (const { path } of places) {
        const found = await fromFile(path, host, repository, env);
        if (found !== undefined) return known(found);
      }
      const token = env.GITHUB_TOKEN;
      if (host !== 'ghcr.io' || token === undefined || token === '') return undefined;
      return known({ username: env.GITHUB_ACTOR || 'github', password: token });
    },
  };
}

interface Place {
  path: string;
  /** Named in messages also when it is not there. */
  title?: string;
}

function placesOf(env: NodeJS.ProcessEnv): Place[] {
  const set = (name: string): string | undefined => env[name] || undefined;
  const home = env.HOME ?? homedir();
  const runtime = set('XDG_RUNTIME_DIR') ?? `/run/containers/${process.getuid?.() ?? 0}`;
  const chosen = set('REGISTRY_AUTH_FILE');
  return [
    ...(chosen === undefined ? [] : [{ path: chosen, title: 'the file of REGISTRY_AUTH_FILE' }]),
    { path: join(set('DOCKER_CONFIG') ?? join(home, '.docker'), 'config.json'), title: 'the Docker config' },
    { path: set('XDG_RUNTIME_DIR') === undefined ? join(runtime, 'auth.json') : join(runtime, 'containers/auth.json') },
    { path: join(set('XDG_CONFIG_HOME') ?? join(home, '.config'), 'containers/auth.json') },
  ];
}

/** Read when a message is made, not kept: one source serves several hosts at the same time. */
function describe(places: readonly Place[]): string {
  const shown = places
    .filter(({ path, title }) => title !== undefined || existsSync(path))
    .map(({ path, title }) => `${title ?? 'the file'} ${path}${helperRemark(path)}`);
  return `${shown.join(', ')} (or GITHUB_TOKEN, for ghcr.io)`;
}

function helperRemark(path: string): string {
  try {
    const helpers = helpersIn(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>);
    return helpers.length === 0 ? '' : ` with ${helpers.map((name) => `docker-credential-${name}`).join(', ')}`;
  } catch {
    // No file, or a broken one: `find` reports that.
    return '';
  }
}

async function fromFile(
  path: string,
  host: string,
  repository: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  const file = await readCredentialsFile(path);
  if (file === undefined) return undefined;
  const helper = helperFor(file, host, repository);
  if (helper !== undefined) {
    const { askHelper } = await import('./credential-helpers.ts');
    const found = await askHelper(helper, host, { file: path, env });
    if (found !== undefined) return found;
  }
  return credentialsIn(file, host, repository);
}
