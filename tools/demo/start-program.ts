import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildResult } from '@baton/image';
import { digestHex, runProcess, succeeded } from '@baton/kernel';
import type { ImageSection } from '@baton/manifest';
import { parseImageConfig } from '@baton/oci';

/** The platform of this machine, as images name it. */
export function hostPlatform(): string {
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch;
  return `linux/${architecture}`;
}

/** How a program was started, and what it printed. */
export interface StartedProgram {
  how: string;
  output: string;
}

/** How `agent.yaml` wants one start to be made. */
type Start = Pick<NonNullable<ImageSection['verify']>, 'args' | 'env'>;

/**
 * Starts an image's program from its unpacked root file system, by the first way that this machine allows: chroot (as
 * root), or chroot in a user namespace. Never outside of that root: what the program writes, it writes in there.
 */
export async function startProgram(
  root: string,
  built: BuildResult,
  platform: string,
  start: Start,
  signal: AbortSignal,
): Promise<StartedProgram> {
  if (process.platform !== 'linux') return { how: 'skipped: only Linux can start it', output: '' };
  const { Entrypoint = [], Cmd = [], Env = [] } = await runtimeOf(built, platform);
  const argv = [...Entrypoint, ...(start.args ?? Cmd)];
  const own = Object.fromEntries(Env.map((entry) => entry.split(/=(.*)/s).slice(0, 2) as [string, string]));
  const env = { PATH: process.env.PATH, ...own, ...start.env };
  const ways: { how: string; command: string; args: string[] }[] = [
    { how: 'by chroot', command: 'chroot', args: [root, ...argv] },
    { how: 'by chroot in a user namespace', command: 'unshare', args: ['-Ur', 'chroot', root, ...argv] },
  ];
  const refusals: string[] = [];
  for (const { how, command, args } of ways) {
    if (command === 'chroot' && process.getuid?.() !== 0) continue;
    try {
      const run = await runProcess({ command, args, env, signal, timeout: 20_000 });
      if (succeeded(run)) return { how, output: run.stdout.toString('utf8') };
      refusals.push(`${command}: ${run.stderr.toString('utf8').trim().split('\n')[0]}`);
    } catch (error) {
      if (signal.aborted) throw error;
      refusals.push(`${command}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { how: `skipped: this machine allows none of the ways (${refusals.join('; ')})`, output: '' };
}

async function runtimeOf(built: BuildResult, platform: string) {
  const own = built.platforms.find((p) => p.platform === platform);
  if (own === undefined) return {};
  const path = join(built.layout, 'blobs/sha256', digestHex(own.config));
  return parseImageConfig(await readFile(path), path).config ?? {};
}
