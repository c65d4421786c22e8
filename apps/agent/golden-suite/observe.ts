import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { startActions } from './actions.ts';
import type { Candidate } from './candidate.ts';
import { type Container, prepareContainer, startRun } from './container.ts';
import { membersOf, signalGroup } from './process-group.ts';
import type { Run, Scenario } from './scenario.ts';
import { compareSnapshots, type TreeChange, takeSnapshot } from './snapshot.ts';
import { layEntries } from './tree-layout.ts';

/** What a candidate did in one invocation. */
export interface ObservedRun {
  /** Exit status; negative: the number of the signal. */
  exitCode: number;
  stdout?: Buffer;
  stderr?: Buffer;
  /** In place of the other two when both were one file. */
  merged?: Buffer;
  /** Milliseconds since 1970 by the clock of this machine. */
  began: number;
  ended: number;
  /** What went wrong with the run itself: it did not end, or a signal could not be sent. */
  faults: string[];
}

/** Everything that a candidate did in one scenario. A recording can be turned into the same shape. */
export interface Observation {
  runs: ObservedRun[];
  /** Below the root mount, without /bin. */
  host: TreeChange;
  /** The agent's own file system, without its /tmp and without the root mount. */
  container: TreeChange;
}

const LIMIT = 25_000; // milliseconds for one run; the longest recorded one takes 4 seconds
const LINGER = 5_000; // milliseconds for what a killed agent leaves behind

/** Runs a scenario in an empty directory of its own and says everything that can be observed; needs root, `unshare` and `mount`. */
export async function observe(
  scenario: Scenario,
  candidate: Candidate,
  busybox: string,
  directory: string,
): Promise<Observation> {
  const container = prepareContainer(directory, scenario, candidate, busybox);
  const look = () => ({
    host: takeSnapshot(container.host, ['/bin']),
    container: takeSnapshot(container.root, [scenario.root_mount, '/tmp']),
  });
  const before = look();
  const runs: ObservedRun[] = [];
  for (const [i, run] of scenario.runs.entries()) {
    // Log files are named by whole seconds: two runs in one second would share them.
    const last = runs.at(-1);
    if (last !== undefined) await laterSecondThan(last.ended);
    layEntries(container.host, run.before);
    runs.push(await observeRun(container, scenario, run, i, candidate));
  }
  const after = look();
  return {
    runs,
    host: compareSnapshots(before.host, after.host),
    container: compareSnapshots(before.container, after.container),
  };
}

async function observeRun(
  container: Container,
  scenario: Scenario,
  run: Run,
  index: number,
  candidate: Candidate,
): Promise<ObservedRun> {
  const began = Date.now();
  const { pid, child, stdout, stderr } = startRun(container, scenario, run, index, candidate);
  const faults: string[] = [];
  const timer = setTimeout(() => {
    faults.push(`did not end within ${LIMIT / 1000} seconds`);
    signalGroup(pid, 'SIGKILL');
  }, LIMIT);
  const actions = startActions({ actions: run.actions, agent: pid, host: container.host });
  const [missed, exitCode] = await Promise.all([actions, exitCodeOf(child)]);
  faults.push(...missed);
  clearTimeout(timer);
  const ended = Date.now();
  await groupEnded(pid, faults);
  const streams = scenario.merge_streams
    ? { merged: readFileSync(stdout) }
    : { stdout: readFileSync(stdout), stderr: readFileSync(stderr) };
  return { exitCode, ...streams, began, ended, faults };
}

function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? -(signal === null ? 0 : constants.signals[signal])));
  });
}

// A killed agent leaves its command running: the tree is looked at when that has ended as well.
async function groupEnded(group: number, faults: string[]): Promise<void> {
  const limit = performance.now() + LINGER;
  while (membersOf(group).length > 0) {
    if (performance.now() > limit) {
      faults.push(`left processes behind that did not end within ${LINGER / 1000} seconds`);
      signalGroup(group, 'SIGKILL');
      return;
    }
    await sleep(20);
  }
}

async function laterSecondThan(moment: number): Promise<void> {
  const next = (Math.floor(moment / 1000) + 1) * 1000;
  while (Date.now() < next) await sleep(next - Date.now() + 1);
}
