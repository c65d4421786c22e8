/** Stamps up to which all pairs are kept; above it a fixed sample of them. */
const CAPACITY = 16_384;
const SLOTS = CAPACITY * 2;

/** A stamp of OLD, the one of NEW that stands for it, and the index of the channel where they were first seen. */
export interface StampPair {
  old: number;
  now: number;
  channel: number;
}

/**
 * Which stamp of NEW stands for which stamp of OLD, over all channels of a scenario. Memory is bounded: from 16,384 distinct
 * stamps on every second one is forgotten, chosen by its value, so that every channel keeps the same ones. (Within a channel all
 * pairs are compared, however many there are: `stamp-track.ts`.)
 */
export class GroupTable {
  #old = new Float64Array(0);
  #new = new Float64Array(0);
  #channel = new Uint32Array(0);
  #count = 0;
  /** Stamps whose hash has one of these bits set are not kept. */
  #mask = 0;

  /** Notes a pair, OLD's stamp first; returns the slot of the pair noted first for OLD's stamp when NEW's is another one, else -1. */
  note(pair: Float64Array, channel: number): number {
    const old = pair[0] ?? 0;
    const now = pair[1] ?? 0;
    const hash = hashOf(old);
    if ((hash & this.#mask) !== 0) return -1;
    if (this.#old.length === 0) {
      this.#old = new Float64Array(SLOTS).fill(Number.NaN);
      this.#new = new Float64Array(SLOTS);
      this.#channel = new Uint32Array(SLOTS);
    }
    let at = (hash >>> 8) % SLOTS;
    for (let held = this.#old[at] ?? 0; !Number.isNaN(held); held = this.#old[at] ?? 0) {
      if (held === old) return this.#new[at] === now ? -1 : at;
      at = (at + 1) % SLOTS;
    }
    this.#old[at] = old;
    this.#new[at] = now;
    this.#channel[at] = channel;
    if (++this.#count >= CAPACITY) this.#thin();
    return -1;
  }

  /** The pair in a slot. */
  pairAt(slot: number): StampPair {
    return { old: this.#old[slot] ?? 0, now: this.#new[slot] ?? 0, channel: this.#channel[slot] ?? 0 };
  }

  /** The pairs that are kept, in OLD's order of time. */
  pairs(): StampPair[] {
    const pairs: StampPair[] = [];
    for (let slot = 0; slot < this.#old.length; slot++) {
      if (!Number.isNaN(this.#old[slot] ?? Number.NaN)) pairs.push(this.pairAt(slot));
    }
    return pairs.sort((a, b) => a.old - b.old);
  }

  #thin(): void {
    const [old, now, channel] = [this.#old, this.#new, this.#channel];
    this.#mask = (this.#mask << 1) | 1;
    this.#old = new Float64Array(0);
    this.#count = 0;
    const pair = new Float64Array(2);
    for (let slot = 0; slot < SLOTS; slot++) {
      pair[0] = old[slot] ?? 0;
      pair[1] = now[slot] ?? 0;
      if (!Number.isNaN(pair[0])) this.note(pair, channel[slot] ?? 0);
    }
  }
}

function hashOf(value: number): number {
  const low = (value % 4_294_967_296) | 0;
  const high = (value / 4_294_967_296) | 0;
  const mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) ^ (mixed >>> 13);
}
