import { BatonError, type ProcessResult, type ProcessSpec, runProcess, streamProcess, toolEnv } from '@baton/kernel';

/** What a git command gets beside its arguments. */
export interface GitOptions {
  stdin?: ProcessSpec['stdin'];
  /** Added to the environment: `GIT_INDEX_FILE`, ... */
  env?: NodeJS.ProcessEnv;
  /** Lets the repository's own hooks run, where a person's git would run them. */
  hooks?: boolean;
  signal?: AbortSignal | undefined;
  onStdout?: ProcessSpec['onStdout'];
  /** Milliseconds; five minutes when left out, none when 0. */
  timeout?: number;
}

/**
 * Runs one git command in `dir` and returns how it ended, whatever the exit code.
 *
 * Only the repository's own configuration counts: system and user configuration are off, so that an answer is the same on every
 * machine. With them `safe.directory` is lost, so it is set here: Baton runs the bundle command of that very folder, so whoever
 * calls it there has decided to trust it; what git could be made to start (monitors, hooks) is switched off all the same.
 *
 * @throws BatonError `TOOL_MISSING` without git, `TIMEOUT` after five minutes
 */
export async function runGit(dir: string, args: readonly string[], options: GitOptions = {}): Promise<ProcessResult> {
  return await runProcess(gitProcess(dir, args, options));
}

/** {@link runGit}, whose output is read at the reader's pace; `GIT_FAILED` when it does not end well. */
export async function* streamGit(
  dir: string,
  args: readonly string[],
  options: Omit<GitOptions, 'onStdout'> = {},
): AsyncGenerator<Buffer> {
  try {
    yield* streamProcess(gitProcess(dir, args, options));
  } catch (error) {
    if (!(error instanceof BatonError) || error.code !== 'TOOL_FAILED') throw error;
    throw new BatonError('GIT_FAILED', `git ${args[0] ?? ''} in ${dir} failed: ${error.message}`, { cause: error });
  }
}

function gitProcess(dir: string, args: readonly string[], options: GitOptions): ProcessSpec {
  const { stdin, env, hooks, signal, onStdout, timeout = 300_000 } = options;
  const isolated = hooks === true ? ISOLATED : [...ISOLATED, ...NO_HOOKS];
  return {
    command: 'git',
    args: ['-C', dir, ...isolated, '--literal-pathspecs', '--no-pager', ...args],
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
      ...env,
    }),
    signal,
    ...(stdin === undefined ? {} : { stdin }),
    ...(onStdout === undefined ? {} : { onStdout }),
    ...(timeout === 0 ? {} : { timeout }),
  };
}

const ISOLATED = [...['-c', 'safe.directory=*'], ...['-c', 'core.fsmonitor=false'], ...['-c', 'core.quotePath=false']];
const NO_HOOKS = ['-c', 'core.hooksPath=/dev/null'];

/** Runs git and returns its output, or throws `GIT_FAILED` with what git said. */
export async function askGit(dir: string, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  const result = await runGit(dir, args, options);
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
  if (said.includes('not a git repository (or any')) return 'Name a directory in a repository.';
  if (said.includes('not a git repository')) {
    return 'A worktree or submodule points to a repository that is gone: "git worktree repair", or clone it again.';
  }
  return `Run "git -C ${dir} status" to see what is wrong.`;
}
