import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatonError, type ProcessResult, redact, registerSecret } from '@baton/kernel';
import { type GitOptions, runGit } from '../run-git.ts';
import type { Remote } from './remote.ts';

/**
 * Runs a git command that talks to a remote. The token goes through the environment as a header for that host alone; helpers,
 * headers and redirects that the configuration may name are off, and so is every transport but the usual ones.
 *
 * @throws BatonError for a URL that holds credentials or would send a token in the clear
 */
export async function runRemote(
  dir: string,
  remote: Remote,
  args: readonly string[],
  options: GitOptions = {},
): Promise<ProcessResult> {
  const url = checkedUrl(remote);
  const settings: [string, string][] = [
    ['credential.helper', ''],
    ['core.askPass', ''],
    ['http.extraHeader', ''],
    ['http.cookieFile', ''],
    ['protocol.allow', 'never'],
    ...['https', 'http', 'ssh', 'git', 'file'].map((name): [string, string] => [`protocol.${name}.allow`, 'always']),
  ];
  if (url !== undefined && remote.token !== undefined) {
    const credentials = Buffer.from(`${remote.user ?? 'x-access-token'}:${remote.token}`).toString('base64');
    registerSecret(remote.token);
    registerSecret(credentials);
    settings.push([`http.${url.origin}/.extraHeader`, `Authorization: Basic ${credentials}`]);
    // A redirect could lead the token elsewhere.
    settings.push(['http.followRedirects', 'false']);
  }
  return await runGit(dir, args, {
    timeout: 0,
    signal: remote.signal,
    ...options,
    env: {
      ...configuration(settings),
      GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
      ...only('SSH_AUTH_SOCK', process.env.SSH_AUTH_SOCK),
      // The kernel's tools know authorities by this name, git by another.
      ...only('GIT_SSL_CAINFO', process.env.GIT_SSL_CAINFO ?? process.env.SSL_CERT_FILE),
      ...options.env,
    },
  });
}

/** Runs work with a directory of its own, which goes afterwards. */
export async function withScratch<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-remote-'));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function checkedUrl({ url, token }: Remote): URL | undefined {
  if (url === '' || url.startsWith('-')) throw refused(url, 'is no address of a repository');
  if (!/^https?:\/\//i.test(url)) return undefined;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined) throw refused(url, 'is no valid URL');
  if (parsed.username !== '' || parsed.password !== '') {
    throw refused(url, 'holds credentials, which everybody on the machine could read: give the token apart from it');
  }
  const local = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(parsed.hostname);
  if (token !== undefined && parsed.protocol === 'http:' && !local) {
    throw refused(url, 'is not encrypted, and a token would be sent in the clear: use https');
  }
  return parsed;
}

function refused(url: string, why: string): BatonError {
  return new BatonError('FORGE_REJECTED', `${redact(url) || 'an empty text'} ${why}`);
}

// By the environment and not by "-c", because arguments can be seen by everybody on the machine.
function configuration(settings: readonly (readonly [string, string])[]): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { GIT_CONFIG_COUNT: String(settings.length) };
  for (const [n, [key, value]] of settings.entries()) {
    env[`GIT_CONFIG_KEY_${n}`] = key;
    env[`GIT_CONFIG_VALUE_${n}`] = value;
  }
  return env;
}

function only(name: string, value: string | undefined): NodeJS.ProcessEnv {
  return value === undefined ? {} : { [name]: value };
}

/** The error for a remote command that failed, by what git said. */
export function remoteFailed(remote: Remote, what: string, result: ProcessResult): BatonError {
  const said = result.stderr.toString('utf8').trim();
  const { code, hint, retryable } = judge(said, remote.token !== undefined);
  const lines = said.split('\n').filter((line) => line !== '');
  const reason = lines.find((line) => /^(fatal|error|ssh): /.test(line)) ?? lines.at(-1) ?? `exit code ${result.code}`;
  return new BatonError(code, `${what} ${remote.url} failed: ${reason.replace(/^(fatal|error): /, '')}`, {
    hint,
    retryable,
    details: { said: lines.slice(-20).map(redact) },
  });
}

type Judgement = { code: BatonError['code']; hint: string; retryable: boolean };

function judge(said: string, hasToken: boolean): Judgement {
  const answer = (code: BatonError['code'], hint: string, retryable = false): Judgement => ({ code, hint, retryable });
  if (
    /could not read (Username|Password)|terminal prompts disabled|Authentication failed|HTTP code 401|error: 401/.test(
      said,
    )
  ) {
    return hasToken
      ? answer('FORGE_DENIED', 'The token is wrong or has expired: make a new one.')
      : answer('FORGE_TOKEN_MISSING', 'Set a token that may write contents (GITHUB_TOKEN or GH_TOKEN).');
  }
  if (/not found|returned error: 404|does not appear to be a git repository|does not exist/i.test(said)) {
    return answer('FORGE_NOT_FOUND', 'Check the address; a token that may not see a repository gets the same answer.');
  }
  if (/returned error: 403|Permission (to .* )?denied/i.test(said)) {
    return answer('FORGE_DENIED', 'The token or key may not do this here: look at its permissions.');
  }
  if (/unable to update url base from redirection|returned error: 30\d/.test(said)) {
    return answer(
      'FORGE_REJECTED',
      'The repository has moved: use its new address. A token does not follow redirects.',
    );
  }
  if (
    /Could not resolve|Failed to connect|Connection (refused|reset|timed out)|returned error: 5\d\d|hung up|early EOF|timed out|unable to access/i.test(
      said,
    )
  ) {
    return answer('FORGE_UNREACHABLE', 'Check the network and run it again.', true);
  }
  return answer('GIT_FAILED', 'Try the same with git to see more.');
}
