import type { GroupTable, StampPair } from './group-table.ts';

/** Stamps that are further apart than this in OLD were parted by a pause: they are apart in NEW. Microseconds. */
export const PAUSE = 50_000;
/** By how much a stamp may lie outside of the run as the harness saw it. Microseconds. */
export const WINDOW_SLACK = 1_000_000;

/** What can be wrong with a pair of stamps. */
export type StampFault = 'order' | 'window' | 'window-old' | 'split' | 'merged' | 'crossed';

/** When the stamps of a kind may lie on one side, microseconds since 1970 on the clock that the stamps show. */
export interface StampWindow {
  from: number;
  to: number;
}

/** What a track knows of its surroundings. */
export interface TrackContext {
  old: StampWindow | undefined;
  now: StampWindow | undefined;
  /** Whether stamps that are equal in OLD have to be equal in NEW. */
  equalGroups: boolean;
  /** Microseconds from which on stamps are parted by a pause; {@link PAUSE} but for stamps of whole seconds. */
  pause: number;
  groups: GroupTable;
  /** Index of the channel. */
  channel: number;
}

// Slots of the state, which is an array because numbers of this size in fields would be allocated anew at each change.
const OLD = 0;
const NEW = 1;
const OLD_BEFORE = 2;
const NEW_BEFORE = 3;
const LEAST = 4;
const MOST = 5;

/**
 * Holds the stamps of one kind in one channel to their rules, pair by pair: NEW never falls where OLD does not (a list may
 * have the newest first, on both sides), each lies within its run, equal ones stay equal, and those that a pause parts stay apart.
 * Stamps that are equal on both sides are text of the scenario as far as the window goes. Allocates nothing while all is well.
 */
export class StampTrack {
  readonly #context: TrackContext;
  readonly #state = new Float64Array(6).fill(Number.NaN);
  readonly #bounds = new Float64Array([-Infinity, Infinity, -Infinity, Infinity]);
  #crossed = -1;
  /** Pairs that differ, and the bytes that they hide. */
  hits = 0;
  bytes = 0;
  /** Pairs whose stamps have microseconds below a millisecond, on each side, and how often NEW's changed. */
  oldMicros = 0;
  newMicros = 0;
  distinct = 0;

  constructor(context: TrackContext) {
    this.#context = context;
    const { old, now } = context;
    if (old !== undefined) this.#bounds.set([old.from, old.to], 0);
    if (now !== undefined) this.#bounds.set([now.from, now.to], 2);
  }

  /** The pair that was taken last, and the one before it; not numbers where there is none. */
  get pairs(): { last: { old: number; now: number }; before: { old: number; now: number } } {
    const [old = 0, now = 0, oldBefore = 0, newBefore = 0] = this.#state;
    return { last: { old, now }, before: { old: oldBefore, now: newBefore } };
  }

  /** The pair in another channel that the last one contradicts, when the fault is `crossed`. */
  get crossed(): StampPair {
    return this.#context.groups.pairAt(this.#crossed);
  }

  /** Takes the next pair; returns what is wrong with it. */
  take(pair: Float64Array, bytes: number): StampFault | undefined {
    const state = this.#state;
    const old = pair[0] ?? 0;
    const now = pair[1] ?? 0;
    const oldBefore = state[OLD] ?? 0;
    const newBefore = state[NEW] ?? 0;
    state[OLD_BEFORE] = oldBefore;
    state[NEW_BEFORE] = newBefore;
    state[OLD] = old;
    state[NEW] = now;
    if (old !== now) {
      this.hits++;
      this.bytes += bytes;
    }
    if (old === oldBefore && now === newBefore) return undefined;
    if (old % 1000 !== 0) this.oldMicros++;
    if (now % 1000 !== 0) this.newMicros++;
    let fault: StampFault | undefined;
    if (now === newBefore) {
      if (old < (state[LEAST] ?? 0)) state[LEAST] = old;
      if (old > (state[MOST] ?? 0)) state[MOST] = old;
      if ((state[MOST] ?? 0) - (state[LEAST] ?? 0) > this.#context.pause) {
        fault = 'merged';
        state[LEAST] = old;
        state[MOST] = old;
      }
    } else {
      this.distinct++;
      state[LEAST] = old;
      state[MOST] = old;
      if (now < newBefore && old >= oldBefore) fault = 'order';
      else if (now > newBefore && oldBefore - old > this.#context.pause) fault = 'order';
      else if (old === oldBefore && this.#context.equalGroups) fault = 'split';
    }
    // Noted in any case: other channels are held against it.
    const first = this.#context.groups.note(pair, this.#context.channel);
    if (fault !== undefined) return fault;
    if (first !== -1 && this.#context.equalGroups) {
      this.#crossed = first;
      return 'crossed';
    }
    return old === now ? undefined : this.#outside(pair);
  }

  #outside(pair: Float64Array): StampFault | undefined {
    const bounds = this.#bounds;
    const now = pair[1] ?? 0;
    if (now < (bounds[2] ?? 0) || now > (bounds[3] ?? 0)) return 'window';
    const old = pair[0] ?? 0;
    return old < (bounds[0] ?? 0) || old > (bounds[1] ?? 0) ? 'window-old' : undefined;
  }
}
