import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram, temporaryDirectory } from '@baton/testkit';
import type { Command } from '../context.ts';
import { createStartLauncher, type LaunchedCommand, type StartLauncherOptions } from './start-launcher.ts';

/** The program that the tests start as the launcher. */
export const LAUNCHER_ENTRY = join(import.meta.dirname, 'test-launcher-entry.ts');

/** What a command gave: the launcher's status and everything that was read, in the order and the portions of the reads. */
export interface Outcome {
  status: number;
  out: Buffer[];
  err: Buffer[];
}

/** A command with what most tests do not care about filled in. */
export function commandOf(argv: Command['argv'], more: Partial<Command> = {}): Command {
  return { argv, rootMount: 'local', copyDir: '/', noChmod: true, env: new Map(), ...more };
}

/** Starts launchers from the test entry, without the options of the test runner's Node. */
export const startTestLauncher = (options: StartLauncherOptions = {}) =>
  createStartLauncher({ entry: LAUNCHER_ENTRY, execArgv: [], ...options });

/** Runs one command to its end. */
export function launch(
  command: Command,
  env: Record<string, string> = { PATH: '/bin:/usr/bin' },
  options: StartLauncherOptions = {},
): Promise<Outcome> {
  return outcomeOf(startTestLauncher(options)(command, { env: new Map(Object.entries(env)) }));
}

/** Reads both streams of a command and waits for its end. */
export async function outcomeOf(launched: LaunchedCommand): Promise<Outcome> {
  const read = async (sources: LaunchedCommand['stdout']): Promise<Buffer[]> => {
    const parts: Buffer[] = [];
    for (const source of sources) await source((bytes) => void parts.push(Buffer.from(bytes)));
    return parts;
  };
  const [status, out, err] = await Promise.all([launched.exited, read(launched.stdout), read(launched.stderr)]);
  return { status, out, err };
}

/** The bytes of one stream as text, one character per byte that is no UTF-8. */
export const textOf = (parts: readonly Buffer[]): string => Buffer.concat(parts).toString();

/** First and last line of a crash report; everything when it is none. */
export function reportOf(outcome: Outcome): string {
  const lines = textOf(outcome.err).trimEnd().split('\n');
  return lines[0] === 'Traceback (most recent call last):' ? (lines.at(-1) ?? '') : `no report: ${lines.join('\n')}`;
}

const APPLETS = 'sh env cat printf sleep kill ls stat pwd id grep readlink true false';

/** A root with a static busybox under its names, and the given files (mode 0644, or what `modes` says). */
export function busyboxRoot(files: Record<string, string> = {}, modes: Record<string, number> = {}): string {
  const root = temporaryDirectory('root');
  mkdirSync(join(root, 'bin'));
  copyFileSync(findProgram('busybox') ?? '', join(root, 'bin/busybox'));
  for (const applet of APPLETS.split(' ')) symlinkSync('busybox', join(root, 'bin', applet));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: modes[path] ?? 0o644 });
  }
  return root;
}
