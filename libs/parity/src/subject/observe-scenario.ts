import { chmodSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatonError, effect } from '@baton/kernel';
import { fileKeeper, treeChange } from '../capture/tree-change.ts';
import { type TreeNode, takeTree } from '../capture/tree-snapshot.ts';
import { assertFeedersWorked, type LayFeeder } from '../feeder/lay-feeders.ts';
import type { Observation, RunObservation, SubjectIo, TreeChange } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { followedInside, insideRoot } from './inside-root.ts';
import { observeRun } from './observe-run.ts';
import type { Reaper } from './reaper.ts';
import type { Launch, Room } from './room.ts';
import type { Tools } from './tools.ts';
import { layBusyboxRoot, layEntries, makeDirectories } from './tree-layout.ts';

/** What a subject that runs in a namespace brings along. */
export interface Household {
  launch: Launch;
  tools: Tools;
  reaper: Reaper;
  openRoom(directory: string): Promise<Room>;
  layFeeder: LayFeeder;
  /** Milliseconds. */
  grace: number;
}

/** What the root of every subject has. */
export const USUAL: ReadonlySet<string> = new Set([
  '/bin',
  '/dev',
  '/etc',
  '/proc',
  '/tmp',
  '/usr',
  '/usr/share',
  '/usr/share/zoneinfo',
]);
/** Of a tree that nobody looks at. */
export const NOTHING: TreeChange = { rows: [], deleted: [] };

/**
 * Runs a scenario in an empty directory of its own and says everything that can be observed.
 *
 * Errors: `SUBJECT_FAILED`, `NAMESPACE_UNAVAILABLE`, `FEEDER_UNAVAILABLE`, `SCENARIO_INVALID`, `INTERRUPTED`.
 */
export async function observeScenario(house: Household, scenario: Scenario, io: SubjectIo): Promise<Observation> {
  const { launch, tools, reaper } = house;
  demandClock(scenario, launch);
  const work = join(io.directory, 'runs');
  const host = join(io.directory, 'host');
  for (const path of [work, host]) await effect('mkdir', path, () => mkdir(path));
  const room = await house.openRoom(io.directory);
  try {
    await layOut(house, room, host, scenario);
    const covered = launch.devices === 'container' ? ['/proc', '/dev'] : [];
    const leaveOut = new Set(['/tmp', scenario.root.mount, ...covered]);
    const look = async (): Promise<{ host: TreeNode; container: TreeNode }> => ({
      host: await takeTree(host, new Set()),
      container: await takeTree(room.root, leaveOut, { ...(room.below && { below: room.below }) }),
    });
    const before = await look();
    const runs: RunObservation[] = [];
    const leftovers: string[] = [];
    for (const [i, run] of scenario.runs.entries()) {
      const last = runs.at(-1)?.window;
      // Log files are named by whole seconds: two runs in one second would share them.
      if (last !== undefined) await laterSecondThan(last.ended / 1000);
      await layEntries(host, run.before);
      const live = reaper.liveFile();
      const { grace } = house;
      const order = { scenario, run, number: i + 1, room, launch, host, work, live, tools, grace, signal: io.signal };
      const outcome = await observeRun(order);
      await assertFeedersWorked(host, scenario.feeders);
      runs.push(outcome.observation);
      leftovers.push(...outcome.leftovers);
    }
    const after = await look();
    const keeper = fileKeeper(join(io.directory, 'contents'));
    const { observe } = scenario;
    return {
      scenario: scenario.id,
      tier: scenario.clock.kind === 'frozen' ? 'T1' : 'T2',
      runs,
      host: observe.host
        ? await treeChange(before.host, after.host, { leaveOut: new Set(), usual: USUAL, keeper })
        : NOTHING,
      container: observe.container
        ? await treeChange(before.container, after.container, { leaveOut, usual: USUAL, keeper })
        : NOTHING,
      leftovers,
    };
  } finally {
    await room.close();
  }
}

async function layOut(house: Household, room: Room, host: string, scenario: Scenario): Promise<void> {
  const { mount } = scenario.root;
  await house.launch.lay(room);
  await effect('mkdir', room.root, () => {
    for (const path of ['/proc', '/dev', mount]) makeDirectories(followedInside(room.root, path));
  });
  await layEntries(room.root, scenario.container);
  await layHost(house, host, scenario);
  const { cwd } = scenario;
  if (cwd === mount || cwd.startsWith(`${mount}/`)) return;
  const start = followedInside(room.root, cwd);
  await effect('mkdir', start, () => makeDirectories(start));
}

/** Lays out what is below the root mount. */
export async function layHost(
  house: { tools: Tools; layFeeder: LayFeeder },
  host: string,
  scenario: Scenario,
): Promise<void> {
  const { mount, base, remove } = scenario.root;
  if (base === 'busybox') await layBusyboxRoot(host, house.tools.busybox, remove);
  await layEntries(host, scenario.host);
  for (const feeder of scenario.feeders) await layFeeder(house.layFeeder, host, feeder);
  const { cwd } = scenario;
  if (cwd !== mount && !cwd.startsWith(`${mount}/`)) return;
  const start = followedInside(host, cwd.slice(mount.length));
  await effect('mkdir', start, () => makeDirectories(start));
}

async function layFeeder(lay: LayFeeder, host: string, feeder: Scenario['feeders'][number]): Promise<void> {
  const path = insideRoot(host, feeder.path);
  await effect('mkdir', path, () => makeDirectories(dirname(path)));
  await lay(path, feeder);
  await effect('write', path, () => chmodSync(path, Number.parseInt(feeder.mode, 8)));
}

/** Throws `SUBJECT_FAILED` where a frozen clock is wanted, and nothing says how. */
export function demandClock({ id, clock }: Scenario, launch: { clock: string | undefined }): void {
  if (clock.kind === 'real' || launch.clock !== undefined) return;
  throw new BatonError('SUBJECT_FAILED', `${id} has a frozen clock, and nothing says how the subject takes one`, {
    hint: 'Name the environment variable for it: parity.clock in the manifest.',
  });
}

/** Waits until the second of a moment (milliseconds since 1970) is over. */
export async function laterSecondThan(moment: number): Promise<void> {
  const next = (Math.floor(moment / 1000) + 1) * 1000;
  while (Date.now() < next) await sleep(next - Date.now() + 1);
}
