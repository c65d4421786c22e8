import { PythonError } from '../crash.ts';
import { repr } from '../python-text/index.ts';

/** The wall clock. Microseconds since 1970 (UTC) as a whole number, real ones: milliseconds with zeros behind are wrong (T6). */
export interface Clock {
  /** Never decreases within one run, unless somebody sets the machine's clock back by a second or more. */
  now(): number;
}

/** Where the system clock gets its time; a test gives its own. Both in milliseconds. */
export interface TimeSources {
  /** The wall clock in whole milliseconds. */
  wall(): number;
  /** A fine clock that only runs forward. */
  steady(): number;
  /** What the wall clock showed, to the microsecond, when the fine one was at 0. */
  origin: number;
}

/**
 * The clock of the agent: frozen where `frozen` (the value of BATON_AGENT_CLOCK) is given, else the system's.
 *
 * `frozen` is `YYYY-MM-DD HH:MM:SS` with an optional fraction of one to six digits, in UTC; anything else throws
 * PythonError ValueError, so that a mistyped value is never taken for the real time.
 */
export function createClock(frozen: string | undefined): Clock {
  if (frozen === undefined) {
    // Made when it is first asked: the fine clock's module is not needed to print a banner.
    let clock: Clock | undefined;
    return {
      now() {
        clock ??= systemClock();
        return clock.now();
      },
    };
  }
  const micros = parseInstant(frozen);
  return { now: () => micros };
}

/**
 * The system's clock with real microseconds.
 *
 * Node tells the wall clock in milliseconds only, so a fine steady clock is laid over it. As long as both agree on the
 * millisecond the fine one is believed. Otherwise (Node's own origin is off by some milliseconds, the clock was set, the
 * machine slept) it is put right at the next tick of the wall clock, which is at most a millisecond away. Times never
 * decrease: a step back of less than a second is waited out, a longer one is followed, because whoever set the clock wants
 * to see its time, and as the reference does.
 */
export function systemClock(sources: TimeSources = nodeTime): Clock {
  let origin = sources.origin;
  let last = Number.NEGATIVE_INFINITY;
  return {
    now() {
      const wall = sources.wall();
      const steady = sources.steady();
      const ahead = origin + steady - wall;
      if (ahead < 0 || ahead >= 1) {
        origin = originAtTick(sources, wall) ?? wall - steady + (ahead < 0 ? 0 : LAST_OF_MILLISECOND);
      }
      const micros = Math.floor((origin + steady) * 1000);
      if (micros < last && last - micros < SECOND) return last;
      last = micros;
      return micros;
    },
  };
}

/** What the wall clock shows when the fine one is at 0, seen at the wall's next tick; undefined where the tick was missed or does not come. */
function originAtTick(sources: TimeSources, wall: number): number | undefined {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const steady = sources.steady();
    const seen = sources.wall();
    if (seen !== wall) return seen === wall + 1 ? seen - steady : undefined;
  }
  return undefined;
}

const SECOND = 1_000_000;
/** A millisecond takes some ten thousand looks; a clock that stands still must not hold the agent. */
const MOST_LOOKS = 100_000;
const LAST_OF_MILLISECOND = 0.999;
const INSTANT = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/;

const nodeTime: TimeSources = {
  wall: () => Date.now(),
  steady: () => performance.now(),
  get origin() {
    return performance.timeOrigin;
  },
};

function parseInstant(text: string): number {
  const [, day = '', time = '', fraction = ''] = INSTANT.exec(text) ?? [];
  const milliseconds = Date.parse(`${day}T${time}Z`);
  // Date.parse takes February 30 for March 2, and 24:00 for the next day: what does not come back was no real time.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== `${day}T${time}.000Z`) {
    throw new PythonError('ValueError', `BATON_AGENT_CLOCK must be 'YYYY-MM-DD HH:MM:SS[.ffffff]', not ${repr(text)}`);
  }
  return milliseconds * 1000 + Number(fraction.padEnd(6, '0'));
}
