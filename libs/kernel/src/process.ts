import { spawn } from 'node:child_process';
import { effect } from './effects.ts';
import { BatonError, errnoOf } from './errors.ts';

/** What to run, and within which bounds. */
export interface ProcessSpec {
  command: string;
  args: readonly string[];
  cwd?: string;
  /** The whole environment of the child: nothing is inherited. {@link toolEnv} is what an ordinary tool needs. */
  env: NodeJS.ProcessEnv;
  stdin?: Uint8Array;
  /** Ends the process group. */
  signal?: AbortSignal | undefined;
  /** Milliseconds until the process group is ended with `TIMEOUT`; none by default. */
  timeout?: number;
  /** Bytes kept of each stream (64 MiB); more is `TOOL_FAILED`. */
  maxOutput?: number;
  /** Receives standard output in place of the result's `stdout`; awaited, so it sets the pace. */
  onStdout?: (chunk: Buffer) => void | Promise<void>;
  /** Receives standard error as well as the result's `stderr`. */
  onStderr?: (chunk: Buffer) => void;
}

/** How a process ended: an exit code or a signal, and its bytes. */
export interface ProcessResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  stderr: Buffer;
}

/** Whether it ended with exit code 0. */
export function succeeded(result: ProcessResult): boolean {
  return result.code === 0;
}

/**
 * The environment for tools that Baton calls: where programs, home and proxies are, and nothing else of ours. Messages
 * are in English (`LC_ALL=C`), so that what they say can be quoted.
 */
export function toolEnv(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC' };
  const wanted =
    /^(PATH|HOME|USER|LOGNAME|TMPDIR|SHELL|XDG_.*|https?_proxy|no_proxy|all_proxy|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS)$/i;
  for (const [name, value] of Object.entries(process.env)) if (wanted.test(name)) env[name] = value;
  return { ...env, ...extra };
}

/**
 * Runs a program to its end in its own process group, bytes in and bytes out, and never through a shell.
 *
 * A non-zero exit is a result, not an error. Errors: `TOOL_MISSING` (no such program), `TIMEOUT`, `INTERRUPTED`,
 * `TOOL_FAILED` (too much output).
 */
export async function runProcess(spec: ProcessSpec): Promise<ProcessResult> {
  return await effect('spawn', [spec.command, ...spec.args].join(' ').slice(0, 200), () => run(spec));
}

function run(spec: ProcessSpec): Promise<ProcessResult> {
  const limit = spec.maxOutput ?? 64 * 1024 * 1024;
  return new Promise((resolve, reject) => {
    if (spec.signal?.aborted === true) return reject(interrupted(spec));
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let failure: BatonError | undefined;
    const end = (error: BatonError): void => {
      failure ??= error;
      killGroup(child.pid);
    };
    const onAbort = (): void => end(interrupted(spec));
    spec.signal?.addEventListener('abort', onAbort, { once: true });
    const timer =
      spec.timeout === undefined
        ? undefined
        : setTimeout(
            () => end(new BatonError('TIMEOUT', `${spec.command} did not end within ${spec.timeout} ms`)),
            spec.timeout,
          );
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let kept = 0;
    const keep = (list: Buffer[], chunk: Buffer): void => {
      kept += chunk.byteLength;
      if (kept > limit) end(new BatonError('TOOL_FAILED', `${spec.command} printed more than ${limit} bytes`));
      else list.push(chunk);
    };
    const consumed = (async () => {
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        if (spec.onStdout === undefined) keep(out, chunk);
        else await spec.onStdout(chunk);
      }
    })().catch((error: unknown) => {
      failure ??= error instanceof BatonError ? error : undefined;
      if (failure === undefined)
        failure = new BatonError('TOOL_FAILED', `output of ${spec.command} could not be used`, { cause: error });
      killGroup(child.pid);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      keep(err, chunk);
      spec.onStderr?.(chunk);
    });
    // A child that ends without reading its input is its own affair: the exit code tells.
    child.stdin.on('error', () => undefined);
    child.stdin.end(spec.stdin ?? Buffer.alloc(0));
    const done = (): void => {
      clearTimeout(timer);
      spec.signal?.removeEventListener('abort', onAbort);
    };
    child.on('error', (error) => {
      done();
      reject(missing(spec, error));
    });
    child.on('close', (code, signal) => {
      done();
      void consumed.then(() => {
        if (failure !== undefined) reject(failure);
        else resolve({ code, signal, stdout: Buffer.concat(out), stderr: Buffer.concat(err) });
      });
    });
  });
}

/** Ends a process group at once; one that is gone already is no error. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

function interrupted(spec: ProcessSpec): BatonError {
  return new BatonError('INTERRUPTED', `${spec.command} was ended because the work was interrupted`);
}

function missing(spec: ProcessSpec, error: Error): BatonError {
  if (errnoOf(error) !== 'ENOENT')
    return new BatonError('TOOL_FAILED', `${spec.command}: ${error.message}`, { cause: error });
  return new BatonError(
    'TOOL_MISSING',
    `the program "${spec.command}" was not found (or its directory ${spec.cwd ?? '.'} is missing)`,
    {
      hint: `Install ${spec.command}, or put it on the PATH. "baton doctor" lists what is here.`,
      cause: error,
    },
  );
}
