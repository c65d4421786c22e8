import type { PyValue } from './python-text/value.ts';
import type { Clock } from './time/clock.ts';

/** What the agent was given by whoever started it, and its doors to the outside. Texts are OS texts (`decodeOs`). */
export interface AgentContext {
  /** Positional arguments, without program and script. */
  argv: readonly string[];
  /** The environment in its order, without BATON_AGENT_CLOCK. */
  env: ReadonlyMap<string, string>;
  clock: Clock;
  stdout: AgentStdout;
  stderr: AgentStderr;
  /** Whether SIGTERM came. Lets pending signals in first, so it must be awaited. */
  terminated(): Promise<boolean>;
  /** The pause before a step; SIGTERM does not shorten it. */
  pause(milliseconds: number): Promise<void>;
  /** Starts a command through the launcher, tees its streams, and gives the launcher's status: 0, 1 or -signal. */
  runCommand(command: Command, logs: LogPaths | undefined): Promise<number>;
}

/**
 * One command for the launcher (contract, sections 9.2 and 13).
 *
 * Arguments and environment are texts, with one exception: the previous version of a package is whatever its history holds
 * (section 12). It travels to the launcher as it is, and what is no text makes the launcher fail (TypeError, when it starts the command).
 */
export interface Command {
  /** Program and arguments. */
  argv: readonly PyValue[];
  /** The root mount, or `local` for none. */
  rootMount: string;
  /** As seen from inside the root mount; the working directory of the command. */
  copyDir: string;
  /** True for interrupts: the program's mode is left as it is. */
  noChmod: boolean;
  /** What is set above everything else in the command's environment. */
  env: ReadonlyMap<string, PyValue>;
  /** Interrupts only: text that goes to stdout and to the log before the launcher starts, newline included. */
  echo?: string;
}

/** Where the two streams of a command are kept; both files are made (and emptied) before the launcher starts. */
export interface LogPaths {
  out: string;
  err: string;
}

/** The agent's own stdout: block buffered unless it is a terminal (contract, section 11). */
export interface AgentStdout {
  /** print() of Python: the text and a newline; throws PythonError UnicodeEncodeError for text that has no bytes. */
  print(text: string): void;
  /** Writes bytes at once, after everything that was printed before. */
  write(bytes: Uint8Array): void;
  flush(): void;
}

/** The agent's own stderr: never buffered. */
export interface AgentStderr {
  write(bytes: Uint8Array | string): void;
}
