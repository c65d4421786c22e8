import { fileURLToPath } from 'node:url';
import { type ProcessResult, runProcess, toolEnv } from '@baton/kernel';

/** Where and how a child of a test runs. */
export interface NodeChildOptions {
  cwd?: string;
  /** Added to what an ordinary tool gets; nothing else is inherited. */
  env?: NodeJS.ProcessEnv;
  stdin?: Uint8Array;
  /** Milliseconds (60,000). */
  timeout?: number;
  signal?: AbortSignal;
  /** Modules to load before the script. */
  preload?: readonly URL[];
  onStdout?: (chunk: Buffer) => void | Promise<void>;
  onStderr?: (chunk: Buffer) => void;
}

/** Runs a TypeScript or JavaScript file to its end under this process's own Node. */
export async function runNode(
  script: string | URL,
  args: readonly string[] = [],
  options: NodeChildOptions = {},
): Promise<ProcessResult> {
  const path = script instanceof URL ? fileURLToPath(script) : script;
  const { env, preload = [], timeout = 60_000, ...rest } = options;
  return await runProcess({
    // Not "node": the first one on the PATH may be another version.
    command: process.execPath,
    args: [...preload.flatMap((module) => ['--import', module.href]), path, ...args],
    env: toolEnv(env),
    timeout,
    ...rest,
  });
}
