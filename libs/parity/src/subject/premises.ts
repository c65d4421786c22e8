import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { effect, sweepTemporaries, temporaryName } from '@baton/kernel';
import { createLayFeeder, type LayFeeder } from '../feeder/lay-feeders.ts';
import { type Reaper, startReaper } from './reaper.ts';
import type { SubjectOptions } from './subject-spec.ts';
import { findTools, type Tools } from './tools.ts';

const GRACE = 5; // seconds

/** What every subject in a namespace has of its own: a temporary directory, tools, and a reaper for both. */
export interface Premises {
  directory: string;
  tools: Tools;
  reaper: Reaper;
  /** Milliseconds. */
  grace: number;
}

/** Makes them; what killed predecessors left is removed first. Errors: `NAMESPACE_UNAVAILABLE`. */
export async function openPremises(options: SubjectOptions): Promise<Premises> {
  const place = options.temporary ?? tmpdir();
  await sweepTemporaries(place);
  const directory = temporaryName(join(place, 'baton-parity'));
  await effect('mkdir', directory, () => mkdir(directory, { mode: 0o700 }));
  const tools = await findTools(directory, options.env ?? process.env);
  const reaper = await startReaper(directory, tools.busybox);
  return { directory, tools, reaper, grace: (options.grace ?? GRACE) * 1000 };
}

/** How the scenarios of a subject get their feeders. */
export function layFeederOf({ layFeeder, env }: SubjectOptions): LayFeeder {
  return layFeeder ?? createLayFeeder(env === undefined ? {} : { env });
}
