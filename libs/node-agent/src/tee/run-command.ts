import { closeSync, openSync } from 'node:fs';
import type { AgentContext, AgentStderr, AgentStdout, Command, LogPaths } from '../context.ts';
import { osError } from '../files/os-error.ts';
import { createStartLauncher, type LaunchedCommand, type StartLauncher } from '../launcher/start-launcher.ts';
import { encodeOs } from '../python-text/index.ts';
import type { Clock } from '../time/clock.ts';
import { createStamper } from '../time/time-text.ts';
import { createExpansion, type Expansion } from './expansion.ts';
import { discardStream, limitReport } from './limit-below-one.ts';
import { fileSink, type Sink } from './sinks.ts';
import { teeStream } from './tee-stream.ts';
import type { Label } from './transformation.ts';

/** What commands are run with. */
export interface RunCommandOptions {
  /** The agent's environment, which the command inherits (T24). */
  env: ReadonlyMap<string, string>;
  /** As parsed from SKYHOOK_AGENT_BUFFER_LIMIT; below 1 is T31. */
  bufferLimit: bigint;
  clock: Clock;
  stdout: AgentStdout;
  stderr: AgentStderr;
  /** Local time by 18.3; the machine's zone unless given. */
  stamp?: (micros: number) => string;
  /** This program's own `chroot-exec` unless given. */
  startLauncher?: StartLauncher;
}

/** Runs commands, one at a time. */
export interface CommandRunner {
  runCommand: AgentContext['runCommand'];
  /** SIGKILL to the launcher that is running, if there is one (SIGINT of section 14). */
  kill(): void;
}

/**
 * The way to run a command: logs, echo, launcher, both streams (contract, sections 9 to 11 and 13).
 *
 * `runCommand` empties both logs, echoes an interrupt's command, starts the launcher, and waits for the end of both pipes
 * and of the launcher (T29); it gives the launcher's status. It throws a PythonError when a log cannot be opened. The
 * contract is silent about a sink that cannot be written (full disk, broken pipe): the launcher is killed with SIGKILL and
 * the run crashes with that error, so nothing is taken for logged that is not.
 */
export function createRunCommand(options: RunCommandOptions): CommandRunner {
  const { stdout, stderr, clock } = options;
  let running: LaunchedCommand | undefined;
  let expansion: Expansion | undefined;
  const startLauncher = options.startLauncher ?? createStartLauncher();
  const localTime = options.stamp ?? createStamper();
  const stamp = (): string => localTime(clock.now());
  const runCommand = async (command: Command, logs: LogPaths | undefined): Promise<number> => {
    const opened: number[] = [];
    let ended = false;
    const sinksOf = (own: Sink, path: string | undefined): Sink[] => {
      const sinks = [own];
      if (path !== undefined) sinks.push(fileSink(openLog(path, opened)));
      // After a crash the other stream may still have something to say; its log is closed by then.
      return sinks.map((sink) => (bytes) => ended || sink(bytes));
    };
    try {
      const out = sinksOf((bytes) => stdout.write(bytes), logs?.out);
      const err = sinksOf((bytes) => stderr.write(bytes), logs?.err);
      if (command.echo !== undefined) echo(command.echo, stdout, out.slice(1));
      const launched = startLauncher(command, { env: options.env });
      running = launched;
      const follow = streamWay(options, stamp, () => {
        expansion ??= createExpansion();
        return expansion;
      });
      const both = [follow(launched.stdout, '[out]', out), follow(launched.stderr, '[err]', err)];
      const [status] = await Promise.all([launched.exited, ...both]);
      return status;
    } catch (error) {
      running?.kill();
      throw error;
    } finally {
      running = undefined;
      ended = true;
      for (const fd of opened) closeSync(fd);
    }
  };
  return { runCommand, kill: () => running?.kill() };
}

type Follow = (sources: LaunchedCommand['stdout'], label: Label, sinks: Sink[]) => Promise<void>;

/** How the streams of one command are treated, by the limit. */
function streamWay(options: RunCommandOptions, stamp: () => string, expansion: () => Expansion): Follow {
  if (options.bufferLimit < 1n) {
    options.stderr.write(limitReport());
    return (sources, label, sinks) => discardStream(sources, { label, stamp, sinks });
  }
  const limit = Number(options.bufferLimit);
  const tools = { limit, stamp, expansion: expansion() };
  return (sources, label, sinks) => teeStream(sources, { ...tools, label, sinks });
}

function openLog(path: string, opened: number[]): number {
  try {
    const fd = openSync(encodeOs(path), 'w', 0o666);
    opened.push(fd);
    return fd;
  } catch (error) {
    throw osError(error, path);
  }
}

/** The command line of an interrupt: printed as the agent's own text, and written to the log, where no surrogate goes (18.6). */
function echo(text: string, stdout: AgentStdout, logs: readonly Sink[]): void {
  stdout.print(text.endsWith('\n') ? text.slice(0, -1) : text);
  for (const log of logs) log(Buffer.from(text));
}
