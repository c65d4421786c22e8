import { readFile, writeFile } from 'node:fs/promises';
import { BatonError, effect, errnoOf } from '@baton/kernel';
import type { Feeder } from '../model/scenario.ts';
import { insideRoot } from '../subject/inside-root.ts';
import { type BuildFeederOptions, buildFeeder } from './build-feeder.ts';
import { encodeFeed } from './feed-program.ts';
import { feedScript } from './feed-script.ts';

/**
 * What feeders are made of. `idle`: the built program, which waits for its reader; `pause`: shell scripts, which only hope
 * that a tenth of a second is enough, so chunk boundaries are not owned.
 */
export type FeederKit = { tier: 'idle'; program: Buffer } | { tier: 'pause' };

/** Where the program comes from, and the environment of Baton itself. */
export interface FeederOptions extends BuildFeederOptions {
  env?: NodeJS.ProcessEnv;
}

/**
 * The feeder of this machine, built if need be. `BATON_FEEDER=script` in `env` asks for scripts; they are never taken by
 * themselves, for a result would silently mean less. Throws `FEEDER_UNAVAILABLE`.
 */
export async function openFeederKit(options: FeederOptions = {}): Promise<FeederKit> {
  const { env = process.env } = options;
  if (env.BATON_FEEDER === 'script') return { tier: 'pause' };
  return { tier: 'idle', program: await readFile(await buildFeeder(options)) };
}

/** Puts the program of a feeder at a path of this machine. */
export type LayFeeder = (path: string, feeder: Feeder) => Promise<void>;

/**
 * The way to put feeders at their places: a path that does not exist, in a directory that does. The caller sets the mode.
 * The program is built when the first one is laid; `FEEDER_UNAVAILABLE` comes then.
 */
export function createLayFeeder(options: FeederOptions = {}): LayFeeder {
  let opened: Promise<FeederKit> | undefined;
  return async (path, { steps }) => {
    opened ??= openFeederKit(options);
    const kit = await opened;
    if (kit.tier === 'idle') return await layFile(path, Buffer.concat([kit.program, encodeFeed(steps)]));
    const { script, payloads } = feedScript(steps);
    for (const { suffix, contents } of payloads) await layFile(path + suffix, contents);
    await layFile(path, script);
  };
}

async function layFile(path: string, contents: Buffer): Promise<void> {
  await effect('write', path, () => writeFile(path, contents, { flag: 'wx' }));
}

/**
 * Throws `READER_NOT_IDLE` when a feeder below `root` could not do what it was told: nothing is known about the subject
 * then. To be asked after each run, before the tree is looked at.
 */
export async function assertFeedersWorked(root: string, feeders: readonly Feeder[]): Promise<void> {
  for (const { path } of feeders) {
    const text = await readFile(insideRoot(root, `${path}.fault`), 'utf8').catch((error: unknown) => {
      if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '')) return undefined;
      throw error;
    });
    if (text !== undefined) throw feederFault(path, text);
  }
}

function feederFault(path: string, text: string): BatonError {
  const reason = text.trim().replace(/^[A-Z_]+: /, '');
  return new BatonError('READER_NOT_IDLE', `the feeder ${path} could not do its steps: ${reason}`, {
    hint: "The subject must read the step's output from a pipe, and sleep when it has handled it. A step that writes more than a pipe holds (65536 bytes) at once, or a reader that polls, cannot be waited for.",
  });
}
