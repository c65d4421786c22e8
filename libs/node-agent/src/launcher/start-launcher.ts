import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Command } from '../context.ts';
import { osError } from '../files/os-error.ts';
import { type AgentLink, linkWith, type OpenDescriptor, openThroughProc } from './agent-link.ts';
import { type ByteSource, pipeSource, streamSource } from './byte-source.ts';
import { removeControlFile, writeControlFile } from './control-file.ts';

export type { ByteSource } from './byte-source.ts';

/** A launcher that runs (contract, section 9.2). */
export interface LaunchedCommand {
  /** Process id of the launcher, not of the command. */
  pid: number;
  /** What makes up standard output: read them one after the other, as one stream. */
  stdout: ByteSource[];
  /** What makes up standard error: read them one after the other, as one stream. */
  stderr: ByteSource[];
  /** The launcher's status: 0, 1 or -signal (section 9.1). Rejects when no process could be started. */
  exited: Promise<number>;
  /** SIGKILL to the launcher; the command is left running (section 14). */
  kill(): void;
}

/** Starts the launcher of one command; `env` is the agent's environment. Throws when the control file cannot be written. */
export type StartLauncher = (command: Command, parent: { env: ReadonlyMap<string, string> }) => LaunchedCommand;

/** What `createStartLauncher` may be told. */
export interface StartLauncherOptions {
  /** The program file that knows `chroot-exec`; `process.argv[1]` unless given. */
  entry?: string;
  /** The options of Node before it; those of this process unless given. */
  execArgv?: readonly string[];
  /** How the read ends of the launcher's pipes are opened; through /proc unless given. */
  openDescriptor?: OpenDescriptor;
}

/** The way to start launchers from one program file. */
export function createStartLauncher({
  entry = process.argv[1] ?? '',
  execArgv = process.execArgv,
  openDescriptor = openThroughProc,
}: StartLauncherOptions = {}): StartLauncher {
  return (command, parent) => {
    const controlFile = writeControlFile({ command, parent: parent.env });
    const child = spawnLauncher([...execArgv, entry, 'chroot-exec', controlFile, command.rootMount], controlFile);
    const end = child.stdio[3];
    const { Duplex } = process.getBuiltinModule('node:stream');
    const link = end instanceof Duplex ? linkWith(child.pid ?? 0, end, openDescriptor) : NO_LINK;
    const exited = statusOf(child, link).finally(() => removeControlFile(controlFile));
    // Whoever awaits it sees the error; whoever looks at the streams first must not die of it.
    exited.catch(() => undefined);
    return {
      pid: child.pid ?? 0,
      stdout: [streamSource(child.stdout), pipeSource(link.pipes.then((pipes) => pipes?.out))],
      stderr: [streamSource(child.stderr), pipeSource(link.pipes.then((pipes) => pipes?.err))],
      exited,
      kill: () => void child.kill('SIGKILL'),
    };
  };
}

function spawnLauncher(args: readonly string[], controlFile: string): ChildProcess {
  // Loaded when a command runs, not when the agent starts: the banner comes first.
  const { spawn } = process.getBuiltinModule('node:child_process');
  try {
    return spawn(process.execPath, [...LAUNCHER_OPTIONS, ...args], {
      stdio: ['inherit', 'pipe', 'pipe', 'pipe'],
      env: launcherEnvironment(),
    });
  } catch (error) {
    removeControlFile(controlFile);
    throw osError(error, process.execPath);
  }
}

/** Nothing of the agent's environment may change how the launcher runs (NODE_OPTIONS would), but Node must find its libraries. */
function launcherEnvironment(): NodeJS.ProcessEnv {
  const { LD_LIBRARY_PATH } = process.env;
  return LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH };
}

/** The status that counts: Node's own failures in the launcher are failures to start the command, hence 1. */
function statusOf(child: ChildProcess, link: AgentLink): Promise<number> {
  const exit = new Promise<number>((resolve, reject) => {
    child.on('error', (error) => reject(osError(error, process.execPath)));
    child.on('exit', (code, signal) => resolve(signal === null ? Math.min(code ?? 1, 1) : -constants.signals[signal]));
  });
  // Node gives status 0 for a death by a real-time signal: without the launcher's word it was no success.
  return exit.then(async (status) => (status === 0 && !(await link.ended) ? UNNAMED_SIGNAL : status));
}

/** SIGUSR1 must not open a debugger in the launcher. Node blocks it then; the launcher lets it in again, and dies of it. */
const LAUNCHER_OPTIONS = ['--disable-sigusr1'];
/** SIGRTMIN stands for all real-time signals, whose numbers Node does not tell. */
const UNNAMED_SIGNAL = -34;
const NO_LINK: AgentLink = { pipes: Promise.resolve(undefined), ended: Promise.resolve(false) };
