import { chmodSync, openSync, statSync, writeSync } from 'node:fs';
import type { Command } from '../context.ts';
import { crashReport, PythonError } from '../crash.ts';
import { osError } from '../files/os-error.ts';
import { encodeOs } from '../python-text/index.ts';
import { commandFailure } from './command-failure.ts';
import { type Control, takeControlFile } from './control-file.ts';
import { listEnvironment } from './env-listing.ts';
import { takePipes, tellSuccess } from './launcher-link.ts';
import type { Posix } from './posix.ts';
import { loadPosix } from './posix-koffi.ts';
import { startProgram } from './start-program.ts';

/**
 * The sub-command `chroot-exec CONTROL_FILE ROOT` (contract, section 9.2): `argv` holds the two words after `chroot-exec`.
 *
 * Gives the status with which this process must exit: 0 when the command ended with 0; else 1, after a crash report on
 * standard error. The second word is for people who read process lists: the root's exact bytes are in the control file.
 * The process stays until the command has ended, and signals do to it what they do by default (section 14, T3).
 */
export function runLauncher(argv: readonly string[]): number {
  try {
    launch(takeControlFile(argv[0] ?? ''), bindPosix());
    tellSuccess();
    return 0;
  } catch (error) {
    writeAll(2, crashReport(error));
    return 1;
  }
}

function bindPosix(): Posix {
  try {
    return loadPosix();
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new PythonError(
      'ImportError',
      `the agent's launcher needs the package koffi, which cannot be loaded: ${reason}`,
    );
  }
}

/** Runs the command to its end. The order of the steps is the contract: it decides which of several errors is reported. */
function launch({ command, parent }: Control, posix: Posix): void {
  posix.unblockSignals();
  takePipes(posix);
  posix.closeOnExec();
  const sink = openSink();
  if (command.rootMount !== NO_ROOT) enterRoot(posix, command.rootMount);
  if (!command.noChmod) makeExecutable(String(command.argv[0] ?? ''));
  const env = new Map([...parent, ...listEnvironment(posix, { env: parent, sink }), ...command.env]);
  const cwd = absolute(command);
  const pid = startProgram(posix, { argv: command.argv, env, cwd, stdio: [0, 1, 2] });
  const failure = commandFailure(command.argv, posix.wait(pid));
  if (failure !== undefined) throw failure;
}

/** Opened before the root changes, because the other one may have no such device. Without one, standard error it is. */
function openSink(): number {
  try {
    return openSync('/dev/null', 'w');
  } catch {
    return 2;
  }
}

function enterRoot(posix: Posix, root: string): void {
  try {
    posix.chroot(encodeOs(root));
    posix.chdir(Buffer.from('/'));
  } catch (error) {
    throw osError(error, root);
  }
}

/** Sets the three bits of execution and keeps all others, set-id among them (T39). */
function makeExecutable(path: string): void {
  const bytes = encodeOs(path);
  try {
    chmodSync(bytes, (statSync(bytes).mode & 0o7777) | 0o111);
  } catch (error) {
    throw osError(error, path);
  }
}

function absolute({ copyDir }: Command): string {
  if (copyDir.startsWith('/')) return copyDir;
  throw new PythonError('ValueError', `copy_dir must be an absolute path: ${copyDir}`);
}

/** Writes everything, lone surrogates as Python's standard error shows them, and nothing where nobody listens any more. */
function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text.replace(/\p{Surrogate}/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`));
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
  } catch {
    // The agent is gone: there is nobody left to tell.
  }
}

/** The root mount that means "no chroot" (section 2). */
const NO_ROOT = 'local';
