import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { effect } from './effects.ts';
import { BatonError, errnoOf } from './errors.ts';
import { markedEnv } from './flight-mark.ts';
import { redact } from './redact.ts';

/** What to run, and within which bounds. */
export interface ProcessSpec {
  command: string;
  args: readonly string[];
  cwd?: string;
  /** The whole environment of the child: nothing is inherited. {@link toolEnv} is what an ordinary tool needs. */
  env: NodeJS.ProcessEnv;
  /** Bytes, or a stream that is read at the child's pace; what it throws ends the process group and is thrown. */
  stdin?: Uint8Array | AsyncIterable<Uint8Array>;
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
  const env = await markedEnv(spec.env);
  return await effect('spawn', redact([spec.command, ...spec.args].join(' ').slice(0, 200)), () =>
    run({ ...spec, env }),
  );
}

function run(spec: ProcessSpec): Promise<ProcessResult> {
  const limit = spec.maxOutput ?? 64 * 1024 * 1024;
  return new Promise((resolve, reject) => {
    if (spec.signal?.aborted === true) return reject(interrupted(spec));
    const child = start(spec);
    if (child.pid === undefined) {
      child.once('error', (error) => reject(missing(spec, error)));
      return;
    }
    let failure: unknown;
    const end = (error: unknown): void => {
      if (failure !== undefined) return;
      failure = error;
      killGroup(child.pid);
      // A descendant that left the group may hold the pipes open for ever: stop listening to it.
      child.stdout.destroy();
      child.stderr.destroy();
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
    const keeper = (): { chunks: Buffer[]; keep(chunk: Buffer): void } => {
      const chunks: Buffer[] = [];
      let kept = 0;
      return {
        chunks,
        keep(chunk) {
          kept += chunk.byteLength;
          if (kept > limit) end(new BatonError('TOOL_FAILED', `${spec.command} printed more than ${limit} bytes`));
          else chunks.push(chunk);
        },
      };
    };
    const out = keeper();
    const err = keeper();
    const consumed = (async () => {
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        if (spec.onStdout === undefined) out.keep(chunk);
        else await spec.onStdout(chunk);
      }
    })().catch((error: unknown) => {
      if (error instanceof BatonError) end(error);
      else end(new BatonError('TOOL_FAILED', `the output of ${spec.command} could not be used`, { cause: error }));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err.keep(chunk);
      spec.onStderr?.(chunk);
    });
    // A child that ends without reading its input is its own affair: the exit code tells.
    child.stdin.on('error', () => undefined);
    const fed = feed(child.stdin, spec.stdin).catch(end);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      spec.signal?.removeEventListener('abort', onAbort);
      // A receiver that hangs must not keep a time-out from being told.
      if (failure !== undefined) return reject(failure);
      void Promise.all([consumed, fed]).then(() => {
        if (failure !== undefined) reject(failure);
        else resolve({ code, signal, stdout: Buffer.concat(out.chunks), stderr: Buffer.concat(err.chunks) });
      });
    });
  });
}

// A child that closes its input, or ends, needs no more of it: its exit code tells whether that was right.
async function feed(stdin: Writable, source: ProcessSpec['stdin']): Promise<void> {
  if (source === undefined || source instanceof Uint8Array) {
    stdin.end(source ?? Buffer.alloc(0));
    return;
  }
  const chunks = source[Symbol.asyncIterator]();
  // A source that waits for something else would keep a child that has ended from being told.
  const leave = (): void => void chunks.return?.().catch(() => undefined);
  stdin.once('close', leave);
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    if (!stdin.writable) return leave();
    if (!stdin.write(next.value)) await drained(stdin);
  }
  stdin.off('close', leave);
  stdin.end();
}

function drained(stdin: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stdin.off('drain', done);
      stdin.off('close', done);
      resolve();
    };
    stdin.on('drain', done);
    stdin.on('close', done);
    if (stdin.destroyed) done();
  });
}

function start(spec: ProcessSpec): ChildProcessWithoutNullStreams {
  try {
    return spawn(spec.command, spec.args, { cwd: spec.cwd, env: spec.env, detached: true, stdio: 'pipe' });
  } catch (error) {
    // Some refusals come at once (arguments too long), others as an event.
    throw missing(spec, error instanceof Error ? error : new Error(String(error)));
  }
}

/** Ends a process group at once; one that is gone already is no error. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // EPERM: what is left in the group belongs to somebody else, or (macOS) only waits to be reaped.
    if (errnoOf(error) !== 'ESRCH' && errnoOf(error) !== 'EPERM') throw error;
  }
}

function interrupted(spec: ProcessSpec): BatonError {
  return new BatonError('INTERRUPTED', `${spec.command} was ended because the work was interrupted`, {
    hint: 'Run the same command again: finished parts are kept.',
  });
}

function missing(spec: ProcessSpec, error: Error): BatonError {
  if (errnoOf(error) !== 'ENOENT')
    return new BatonError('TOOL_FAILED', `${spec.command}: ${error.message}`, { cause: error });
  return new BatonError(
    'TOOL_MISSING',
    `the program "${spec.command}" was not found${spec.cwd === undefined ? '' : `, or the directory ${spec.cwd} to run it in`}`,
    {
      hint: `Install ${spec.command}, or put it on the PATH. "baton doctor" lists what is here.`,
      cause: error,
    },
  );
}
