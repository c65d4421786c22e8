import type { Effect } from '@baton/kernel';

/** The variable that carries an {@link EffectsPlan} to the preloaded module; production code never reads it. */
export const PLAN_VARIABLE = 'BATON_TESTKIT_EFFECTS';

/** What a child shall do about its effects. */
export interface EffectsPlan {
  /** File that gets one JSON line per effect, before the effect happens. */
  trace: string;
  at?: Interference;
}

/** What happens at effect number `n`, before it changes the world or after. */
export type Interference = { n: number; when: 'before' | 'after' } & (
  | { action: 'kill' }
  /** The effect fails with this system error, for example `ENOSPC`. */
  | { action: 'fail'; errno: string }
  | { action: 'delay'; milliseconds: number }
);

/** The lines of a trace file. */
export function parseTrace(text: string): Effect[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Effect);
}
