import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { childrenOf, isRunning } from './process-group.ts';
import type { Action } from './scenario.ts';

/** What the worker of a run is given. */
export interface ActionOrder {
  actions: readonly Action[];
  /** The process of the agent. */
  agent: number;
  /** The root mount, as it is called on this machine. */
  host: string;
}

const POLL = 10; // milliseconds

/**
 * Does the actions of a run in a thread of its own; gives what could not be done.
 *
 * A thread, because the signals have to come in time: the steps sleep for little more than a second, and this process starts
 * children and reads trees for several scenarios at once.
 */
export async function startActions(order: ActionOrder): Promise<string[]> {
  if (order.actions.length === 0) return [];
  return await new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./action-worker.ts', import.meta.url), { workerData: order });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** One action after the other: waits for the path below the root mount to exist, then the delay, then sends the signal. */
export async function performActions({ actions, agent, host }: ActionOrder): Promise<string[]> {
  const missed: string[] = [];
  for (const action of actions) {
    while (!exists(join(host, action.wait_for)) && isRunning(agent)) await sleep(POLL);
    if (isRunning(agent)) await sleep(action.delay * 1000);
    const target = isRunning(agent) ? targetOf(action, agent) : undefined;
    if (target === undefined) missed.push(`no ${action.to} was there to get ${action.signal} after ${action.wait_for}`);
    else process.kill(target, `SIG${action.signal}`);
  }
  return missed;
}

function targetOf({ to }: Action, agent: number): number | undefined {
  if (to === 'agent') return agent;
  if (to === 'group') return -agent;
  return childrenOf(agent)[0];
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
