import { BatonError, type ProcessResult, runProcess, toolEnv } from '@baton/kernel';

/**
 * Runs one read-only git command in `dir` and returns how it ended, whatever the exit code.
 *
 * Only the repository's own configuration counts: system and user configuration are off, so that an answer is the same on every
 * machine. With them `safe.directory` is lost, so it is set here: Baton runs the bundle command of that very folder, so whoever
 * calls it there has decided to trust it; what git could be made to start (monitors, hooks) is switched off all the same.
 *
 * @throws BatonError `TOOL_MISSING` without git, `TIMEOUT` after five minutes
 */
export async function runGit(dir: string, args: readonly string[]): Promise<ProcessResult> {
  return await runProcess({
    command: 'git',
    args: ['-C', dir, ...ISOLATED, '--literal-pathspecs', '--no-pager', ...args],
    env: toolEnv({
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_ATTR_NOSYSTEM: '1',
      // Or the user's own ignore and attributes files would count: they have a default place without any configuration.
      XDG_CONFIG_HOME: '/dev/null',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_TERMINAL_PROMPT: '0',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_NO_LAZY_FETCH: '1',
      LC_ALL: 'C',
    }),
    timeout: 300_000,
  });
}

const ISOLATED = [
  ...['-c', 'safe.directory=*'],
  ...['-c', 'core.fsmonitor=false'],
  ...['-c', 'core.hooksPath=/dev/null'],
  ...['-c', 'core.quotePath=false'],
];

/** Runs git and returns its output, or throws `GIT_FAILED` with what git said. */
export async function askGit(dir: string, args: readonly string[]): Promise<Buffer> {
  const result = await runGit(dir, args);
  if (result.code === 0) return result.stdout;
  throw gitFailed(dir, args, result);
}

/** The error for a git command that should not have failed. */
export function gitFailed(dir: string, args: readonly string[], result: ProcessResult): BatonError {
  const said = result.stderr.toString('utf8').trim();
  const first =
    said
      .split('\n')
      .find((line) => /^(fatal|error):/.test(line))
      ?.replace(/^(fatal|error): /, '') ?? '';
  const ended = result.signal === null ? `exit code ${result.code}` : `signal ${result.signal}`;
  return new BatonError('GIT_FAILED', `git ${args[0] ?? ''} in ${dir} failed: ${first === '' ? ended : first}`, {
    hint: hintFor(said, dir),
    details: { arguments: [...args], code: result.code, stderr: said.slice(0, 4000) },
  });
}

function hintFor(said: string, dir: string): string {
  if (said.includes('dubious ownership')) {
    return `The repository belongs to another user and this git is too old to be told otherwise: chown it, or update git to 2.38 or newer.`;
  }
  if (said.includes('not a git repository')) {
    return 'A worktree or submodule points to a repository that is gone: "git worktree repair", or clone it again.';
  }
  return `Run "git -C ${dir} status" to see what is wrong.`;
}
