import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BatonError, effect, type StartedProcess, startProcess, toolEnv } from '@baton/kernel';
import { awaitEmpty, clear, commandOf, type Habitat } from '../capture/processes.ts';
import { MOST_IN_MEMORY } from '../capture/tree-snapshot.ts';
import type { Content, RunEnd, RunObservation } from '../model/observation.ts';
import type { Scenario, ScenarioRun } from '../model/scenario.ts';
import { performActions } from './actions.ts';
import { holdNamespace } from './held-namespace.ts';
import type { Launch, Room } from './room.ts';
import { RunClock } from './run-clock.ts';
import { STAGES, startScript } from './start-script.ts';
import { type Tools, unavailable, unshareWords } from './tools.ts';

/** One run of a subject. */
export interface RunOrder {
  scenario: Scenario;
  run: ScenarioRun;
  /** From 1. */
  number: number;
  room: Room;
  launch: Launch;
  /** The root mount on this machine. */
  host: string;
  /** Where streams and scripts are kept. */
  work: string;
  /** Tells the reaper which namespace is in use. */
  live: string;
  tools: Tools;
  /** Milliseconds for what is left running. */
  grace: number;
  signal?: AbortSignal | undefined;
}

/** What a run did, and the command lines of what it left running; those processes were killed. */
export interface RunOutcome {
  observation: RunObservation;
  leftovers: string[];
}

/**
 * Runs a subject once, to its end and the end of everything that it started.
 *
 * Errors: `SUBJECT_FAILED` (it was never started), `NAMESPACE_UNAVAILABLE`, `INTERRUPTED`.
 */
export async function observeRun(order: RunOrder): Promise<RunOutcome> {
  const { scenario, number, work, live, tools, signal } = order;
  demandGoingOn(order);
  const merged = scenario.streams === 'merged';
  const stdout = join(work, `run${number}.${merged ? 'merged' : 'stdout'}`);
  const stderr = merged ? stdout : join(work, `run${number}.stderr`);
  const script = join(work, `run${number}.sh`);
  await effect('write', script, () =>
    writeFile(script, startScript({ ...order, root: order.room.rootInside }), { mode: 0o600 }),
  );
  const [command = '', ...args] = [...order.room.enter, ...unshareWords(tools), tools.busybox, 'sh', script];

  const started = await startProcess({
    command,
    args,
    cwd: '/',
    env: toolEnv(),
    files: [stdout, stderr, live],
    input: 'open',
  });
  const held = await holdNamespace(started, live);
  const { habitat } = held;
  try {
    const clock = new RunClock();
    const words = order.run.argv.map((word) => word.toString('latin1'));
    clock.say('begin', [...order.launch.command, ...words].join(' '));
    const { end, faults } = await toTheEnd(started, habitat, order, clock);
    const left = await awaitEmpty(habitat, end.kind === 'timeout' ? 0 : order.grace, signal);
    const leftovers = left.flatMap((pid) => commandOf(pid) ?? []).sort();
    await clear(habitat);
    demandGoingOn(order);
    const streams = { stdout: await contentOf(stdout), stderr: await contentOf(stderr) };
    demandStarted((await readFile(live, 'latin1')).split('\n'), order, end, streams);
    return {
      // What a timeout ended left nothing behind by itself.
      leftovers: end.kind === 'timeout' ? [] : leftovers,
      observation: {
        end,
        ...(merged ? { merged: streams.stdout } : streams),
        window: clock.window,
        milliseconds: clock.milliseconds,
        events: clock.events,
        ...(faults.length > 0 && { faults }),
      },
    };
  } finally {
    // Whatever was thrown: nothing of it goes on.
    await clear(habitat);
    await held.release();
    await effect('unlink', live, () => rm(live, { force: true }));
  }
}

async function toTheEnd(
  started: StartedProcess,
  habitat: Habitat,
  { scenario, run, host, tools, signal }: RunOrder,
  clock: RunClock,
): Promise<{ end: RunEnd; faults: string[] }> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void clear(habitat);
  }, scenario.timeout * 1000);
  const onAbort = (): void => void clear(habitat);
  signal?.addEventListener('abort', onAbort, { once: true });
  const onSent = (text: string): void => clock.say('signal', text);
  try {
    // What goes wrong with the actions is told below, once the subject has ended.
    const acting = performActions({ actions: run.actions, subject: started.pid, host, onSent, signal }, tools);
    acting.catch(() => undefined);
    started.closeInput();
    const { code, signal: by } = await started.ended;
    clock.end();
    const end: RunEnd = late
      ? { kind: 'timeout', seconds: scenario.timeout }
      : by === null
        ? { kind: 'exit', code: code ?? 0 }
        : { kind: 'signal', signal: by.replace(/^SIG/, '') };
    const faults = signal?.aborted === true ? [] : await acting;
    clock.close(end.kind === 'exit' ? `exit ${end.code}` : end.kind === 'signal' ? end.signal : 'not in time');
    return { end, faults };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

// Busybox says this, and nothing else, when the system refuses to start the program.
const REFUSED = /^\S*env: can't execute '[^\n]*': [^\n]*\n$/;

function demandStarted(
  stages: readonly string[],
  { scenario, launch }: RunOrder,
  end: RunEnd,
  { stderr }: { stderr: Content },
): void {
  const said = stages.filter((line) => line !== '' && !/^mnt:\[|^mounted$/.test(line)).join('; ');
  if (!stages.includes(STAGES.mounted)) {
    if (end.kind === 'timeout') throw unavailable('the mounts were not made in time');
    throw unavailable(said === '' ? 'unshare(1) was refused' : said);
  }
  const program = launch.command.join(' ');
  const failed = (why: string): BatonError =>
    new BatonError('SUBJECT_FAILED', `${scenario.id}: ${program} could not be started: ${why}`, {
      hint: 'Look at the command, at the mounts of the subject and at the working directory of the scenario.',
    });
  if (!stages.includes(STAGES.started)) throw failed(said);
  const exec = end.kind === 'exit' && (end.code === 126 || end.code === 127) && stderr.kind === 'bytes';
  if (exec && REFUSED.test(stderr.bytes.toString('latin1'))) throw failed(stderr.bytes.toString('utf8').trim());
}

function demandGoingOn({ scenario, signal }: RunOrder): void {
  if (signal?.aborted !== true) return;
  throw new BatonError('INTERRUPTED', `${scenario.id} was ended because the work was interrupted`, {
    hint: 'Nothing of it goes on. Run the same command again.',
  });
}

async function contentOf(path: string): Promise<Content> {
  const { size } = await stat(path);
  return size <= MOST_IN_MEMORY ? { kind: 'bytes', bytes: await readFile(path) } : { kind: 'file', path, size };
}
