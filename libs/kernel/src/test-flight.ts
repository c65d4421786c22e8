import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '@baton/testkit';
import { onTestFinished } from 'vitest';
import type { ProgressEvent } from './events.ts';
import type { FlightTask } from './flight.fixture.ts';

const FIXTURE = join(import.meta.dirname, 'flight.fixture.ts');

/** A line that a process of `flight.fixture.ts` printed. */
export interface FlightLine {
  event?: ProgressEvent;
  result?: unknown;
  error?: { code: string; message: string };
}

/** A process that takes part in a flight. */
export interface FlightProcess {
  child: ChildProcessWithoutNullStreams;
  lines: FlightLine[];
  /** The result or the error that it printed; undefined when it was killed. */
  end: Promise<FlightLine | undefined>;
  /** Resolves when it waits for another. */
  waiting(): Promise<void>;
}

/** A flight of its own for one test: a key, a log and a place for records. */
export interface FlightGround {
  dir: string;
  task(more?: Partial<FlightTask>): FlightTask;
  start(more?: Partial<FlightTask>): FlightProcess;
  /** Waits until the log has this many lines of a kind, and returns those lines' process ids. */
  logged(what: string, count?: number): Promise<number[]>;
  log(): string[];
  records(): string[];
}

let grounds = 0;

/** Makes the ground for a flight between processes; whatever was started ends with the test. */
export function flightGround(): FlightGround {
  const dir = temporaryDirectory('flight');
  grounds += 1;
  const base: FlightTask = {
    key: `flight of ${process.pid} ${grounds} ${Math.random()}`,
    log: join(dir, 'log'),
    records: join(dir, 'records'),
  };
  const log = (): string[] => (existsSync(base.log) ? readFileSync(base.log, 'utf8').split('\n').filter(Boolean) : []);
  const ground: FlightGround = {
    dir,
    task: (more = {}) => ({ ...base, ...more }),
    start(more = {}) {
      const started = startFlight(ground.task(more));
      onTestFinished(() => void started.child.kill('SIGKILL'));
      return started;
    },
    async logged(what, count = 1) {
      return await until(`${count} × ${what}`, () => {
        const found = log().filter((line) => line.startsWith(`${what} `));
        return found.length >= count ? found.map((line) => Number(line.split(' ').at(-1))) : undefined;
      });
    },
    log,
    records: () => (existsSync(base.records) ? readdirSync(base.records) : []),
  };
  return ground;
}

function startFlight(task: FlightTask): FlightProcess {
  const child = spawn(process.execPath, [FIXTURE, JSON.stringify(task)], { stdio: 'pipe' });
  child.stderr.pipe(process.stderr);
  const lines: FlightLine[] = [];
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (text + chunk).split('\n');
    text = parts.pop() ?? '';
    for (const line of parts) lines.push(JSON.parse(line) as FlightLine);
  });
  const end = once(child, 'close').then(() => lines.find(({ event }) => event === undefined));
  const waiting = async (): Promise<void> => {
    await until('waiting', () => (lines.some(({ event }) => event?.type === 'note') ? true : undefined));
  };
  return { child, lines, end, waiting };
}

/** Looks until there is something; an error after half a minute. */
export async function until<T>(what: string, look: () => T | undefined): Promise<T> {
  const began = performance.now();
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() - began > 30_000) throw new Error(`waited too long for: ${what}`);
    await sleep(5);
  }
}

/** Whether a process runs (one that only waits to be collected does not). */
export function runs(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat[stat.lastIndexOf(')') + 2] !== 'Z';
  } catch {
    return false;
  }
}
