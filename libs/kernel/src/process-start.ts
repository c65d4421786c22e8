import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { effect } from './effects.ts';
import { BatonError, errnoOf } from './errors.ts';
import { redact } from './redact.ts';

/** A program to start beside this one. */
export interface StartSpec {
  command: string;
  args: readonly string[];
  cwd?: string;
  /** The whole environment: nothing is inherited. */
  env: NodeJS.ProcessEnv;
  /** Files that descriptors 1, 2, 3... write to, made new; a path that is named twice is one open file. */
  files: readonly string[];
  /** `empty`: there is no input. `open`: input comes to its end when this process closes it, or ends in whatever way. */
  input?: 'empty' | 'open';
}

/** A program that was started. */
export interface StartedProcess {
  /** It leads a session and process group of this number. */
  pid: number;
  /** How it ended; descendants may still run. Never rejected. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends an input that was left `open`. */
  closeInput(): void;
}

/**
 * Starts a program in a session of its own, with files for its output, and returns at once. All its signals have their
 * default action. Errors: `TOOL_MISSING`, `TOOL_FAILED`.
 */
export async function startProcess(spec: StartSpec): Promise<StartedProcess> {
  const target = redact([spec.command, ...spec.args].join(' ').slice(0, 200));
  const handles = new Map<string, FileHandle>();
  try {
    for (const path of spec.files) if (!handles.has(path)) handles.set(path, await open(path, 'w', 0o600));
    const outputs = spec.files.map((path) => handles.get(path)?.fd ?? 'ignore');
    return await effect('spawn', target, () => start(spec, outputs));
  } finally {
    for (const handle of handles.values()) await handle.close();
  }
}

async function start(spec: StartSpec, outputs: (number | 'ignore')[]): Promise<StartedProcess> {
  const child: ChildProcess = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    detached: true,
    stdio: [spec.input === 'open' ? 'pipe' : 'ignore', ...outputs],
  });
  const { pid } = child;
  if (pid === undefined) {
    const error = await new Promise<Error>((resolve) => child.once('error', resolve));
    const missing = errnoOf(error) === 'ENOENT';
    throw new BatonError(
      missing ? 'TOOL_MISSING' : 'TOOL_FAILED',
      missing ? `the program "${spec.command}" was not found` : `${spec.command}: ${error.message}`,
      { hint: `Install ${spec.command}, or put it on the PATH.`, cause: error },
    );
  }
  // It may end without reading what it is given.
  child.stdin?.on('error', () => undefined);
  return {
    pid,
    ended: new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal }))),
    closeInput: () => void child.stdin?.end(),
  };
}
