import { lstatSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { effect } from '@baton/kernel';
import type { Identity, Subject } from '../model/observation.ts';
import { type Household, observeScenario } from './observe-scenario.ts';
import { layFeederOf, openPremises } from './premises.ts';
import { processIdentity } from './process-identity.ts';
import { resolveCommand } from './resolve-command.ts';
import type { Launch, Room } from './room.ts';
import { demandRunnable } from './runnable.ts';
import { sharedLibraries } from './shared-libraries.ts';
import type { ProcessSpec, SubjectMount, SubjectOptions } from './subject-spec.ts';
import { layBusyboxRoot, makeDirectories } from './tree-layout.ts';
import { layZoneFiles } from './zones.ts';

/**
 * A program of this machine, run in a root of its own: busybox, zone files, the program with its libraries, and what the
 * scenario lays out. Errors: `SUBJECT_NOT_FOUND`, `NAMESPACE_UNAVAILABLE`.
 */
export async function processSubject(spec: ProcessSpec, options: SubjectOptions): Promise<Subject> {
  const resolved = resolveCommand(spec, options.env ?? process.env);
  demandRunnable(resolved.program, resolved.program);
  const premises = await openPremises(options);
  try {
    const { directory, tools } = premises;
    const programs = [resolved.program, ...resolved.mounts.map(({ source }) => source)];
    const libraries = await sharedLibraries(programs, join(directory, 'libraries'));
    const mounts = [...libraries, ...resolved.mounts];
    const launch: Launch = {
      command: resolved.command,
      mounts,
      clock: spec.clock,
      devices: 'null',
      lay: (room) => layRoom(room, mounts, tools.busybox),
    };
    const house: Household = { ...premises, launch, openRoom, layFeeder: layFeederOf(options) };
    let identity: Promise<Identity> | undefined;
    return {
      identity: () => (identity ??= processIdentity(spec.command, resolved, tools.facts)),
      observe: (scenario, io) => observeScenario(house, scenario, io),
      close: () => premises.reaper.close(),
    };
  } catch (error) {
    await premises.reaper.close();
    throw error;
  }
}

async function openRoom(directory: string): Promise<Room> {
  const root = join(directory, 'container');
  await effect('mkdir', root, () => mkdir(root, { mode: 0o755 }));
  return { root, rootInside: root, enter: [], close: async () => undefined };
}

async function layRoom({ root }: Room, mounts: readonly SubjectMount[], busybox: string): Promise<void> {
  await layBusyboxRoot(root, busybox);
  await layZoneFiles(root);
  await effect('mkdir', root, () => {
    for (const name of ['etc', 'proc', 'dev']) makeDirectories(join(root, name));
    writeFileSync(join(root, 'dev/null'), '', { mode: 0o644 });
    for (const { source, target } of mounts) {
      const point = join(root, target);
      makeDirectories(dirname(point));
      // A link of the base: what is mounted must not cover what it leads to.
      if (lstatSync(point, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(point);
      if (statSync(source).isDirectory()) mkdirSync(point, { recursive: true });
      else writeFileSync(point, '', { mode: 0o644 });
    }
  });
}
