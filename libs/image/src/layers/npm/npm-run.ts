import { BatonError, runProcess, succeeded, toolEnv } from '@baton/kernel';
import type { SourceIo } from '../resolved-layer.ts';

const TIMEOUT = 15 * 60 * 1000;

/** One version of an npm package; `dir` is where npm looks for the project's configuration. */
export interface NpmSpec {
  name: string;
  version: string;
  dir: string;
}

/**
 * Runs npm about a package, with the user's own configuration, and returns what it prints as JSON.
 *
 * Errors: `PACKAGE_UNAVAILABLE` with npm's own words, `TOOL_MISSING`, `TIMEOUT`, `INTERRUPTED`.
 */
export async function runNpm(args: readonly string[], spec: NpmSpec, io: SourceIo): Promise<string> {
  const result = await runProcess({
    command: 'npm',
    args: [...args, '--json', '--loglevel=error', '--logs-max=0', '--no-update-notifier'],
    cwd: spec.dir,
    env: npmEnv(io.env),
    signal: io.signal,
    timeout: TIMEOUT,
  });
  const stdout = result.stdout.toString('utf8');
  if (!succeeded(result)) throw unavailable(spec, stdout, result.stderr.toString('utf8'));
  return stdout;
}

/**
 * The integrity that the registry states for a package, without fetching it; undefined for packages so old that it
 * states none. Errors: those of {@link runNpm}.
 */
export async function publishedIntegrity(spec: NpmSpec, io: SourceIo): Promise<string | undefined> {
  const text = await runNpm(['view', `${spec.name}@${spec.version}`, 'dist.integrity', '--prefer-online'], spec, io);
  const found = /"(sha512-[A-Za-z0-9+/]{86}==)"/.exec(text)?.[1];
  // npm view answers a version that does not exist with nothing at all.
  if (found === undefined && text.trim() === '') throw unavailable(spec, '', 'no such version');
  return found;
}

/**
 * The environment for npm: all of the caller's, because an npmrc may name any variable (`\${TOKEN}`), less what an
 * outer `npm run` says about itself and would make this call mean something else.
 */
export function npmEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own =
    /^(npm_(package|lifecycle)_.*|npm_(command|execpath|node_execpath)|npm_config_(workspaces?|include_workspace_root|local_prefix|prefix|global|location|dry_run|json|pack_destination|ignore_scripts|loglevel|silent|node_gyp)|INIT_CWD)$/i;
  return toolEnv(Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name))));
}

function unavailable(spec: NpmSpec, stdout: string, stderr: string): BatonError {
  const said = npmSaid(stdout) ?? stderr.trim().split('\n')[0] ?? '';
  const network = /ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ECONNRESET|EAI_AGAIN|E5\d\d|E429/.test(said);
  return new BatonError('PACKAGE_UNAVAILABLE', `npm package ${spec.name}@${spec.version} cannot be had: ${said}`, {
    hint: network
      ? 'npm could not reach its registry: check the network, the proxy and your npmrc, then run it again.'
      : 'Check name and version in agent.yaml, and which registry your npmrc names ("npm config get registry").',
    retryable: network,
  });
}

// With --json npm explains itself on standard output.
function npmSaid(stdout: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(stdout);
    if (typeof parsed !== 'object' || parsed === null || !('error' in parsed)) return undefined;
    const { code, summary } = parsed.error as { code?: unknown; summary?: unknown };
    const text = [code, summary].filter((part) => typeof part === 'string' && part !== '').join(': ');
    return text === '' ? undefined : (text.split('\n')[0] ?? text);
  } catch {
    // Not JSON: standard error has to do.
    return undefined;
  }
}
