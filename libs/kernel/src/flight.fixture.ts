import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { toBatonError } from './errors.ts';
import { joinFlight } from './flight.ts';
import { runProcess, toolEnv } from './process.ts';

// What a test runs in processes of its own: node flight.fixture.ts '<JSON of FlightTask>'. It joins one flight, prints
// a JSON line for every event and one for the end, and says in the log file (one line each) when work begins and ends.

/** What one process of a test does. */
export interface FlightTask {
  key: string;
  /** Where it is written down who worked when. */
  log: string;
  records: string;
  /** The result; an Error's message with `fail`. */
  answer?: unknown;
  fail?: boolean;
  /** The work ends when this file exists. */
  until?: string;
  /** A program that the work runs, by `sh -c`. */
  run?: string;
  /** Milliseconds until this caller leaves. */
  leaveAfter?: number;
  deadline?: number;
  idle?: number;
}

if (import.meta.main) {
  const task = JSON.parse(process.argv[2] ?? '{}') as FlightTask;
  const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const log = (what: string): void => appendFileSync(task.log, `${what} ${process.pid}\n`);
  const shutdown = new AbortController();
  process.once('SIGTERM', () => shutdown.abort());
  const signal = task.leaveAfter === undefined ? undefined : AbortSignal.timeout(task.leaveAfter);
  try {
    const result = await joinFlight(
      {
        key: task.key,
        records: task.records,
        ...(task.deadline === undefined ? {} : { deadline: task.deadline }),
        ...(task.idle === undefined ? {} : { idle: task.idle }),
        async work({ signal, emit }) {
          log('begin');
          emit({ type: 'work.start', id: 'w', label: 'work' });
          emit({ type: 'work.progress', id: 'w', done: 1 });
          emit({ type: 'work.progress', id: 'w', done: 2 });
          if (task.run !== undefined) {
            const { code } = await runProcess({ command: 'sh', args: ['-c', task.run], env: toolEnv(), signal });
            log(`program ${code}`);
          }
          while (task.until !== undefined && !existsSync(task.until)) await sleep(5, undefined, { signal });
          if (task.fail === true)
            throw toBatonError(Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' }));
          log('end');
          return task.answer;
        },
      },
      { emit: (event) => say({ event }), signal, shutdown: shutdown.signal },
    );
    say({ result });
  } catch (error) {
    say({ error: toBatonError(error).toJSON() });
  }
}
