import { plural } from '@baton/kernel';
import type { Divergence, Hunk } from '../model/verdict.ts';

/** Divergences that are kept of a channel; more are counted. */
export const MOST_DIVERGENCES = 1000;
/** Findings about tokens that are kept of a channel, by kind of fault. */
const MOST_OF_A_FAULT = 20;
/** Bytes of lines that are kept of a channel. */
const KEPT_BYTES = 256 * 1024;
/** Bytes of the longest line that is kept; a hunk with a longer one is left out, and the message has an excerpt. */
const ROW_BYTES = 64 * 1024;

/** The divergences of one channel, within the limits of what is kept. */
export class Findings {
  readonly #channel: string;
  readonly #kept: Divergence[] = [];
  readonly #faults = new Map<string, { count: number; bytes: number; kind: Divergence['kind'] }>();
  #more = 0;
  #moreBytes = 0;
  #room = KEPT_BYTES;

  constructor(channel: string) {
    this.#channel = channel;
  }

  /** Whether another divergence would be kept: if not, its text needs no making. */
  get full(): boolean {
    return this.#kept.length >= MOST_DIVERGENCES;
  }

  /** Adds a divergence; its hunk is left out when there is no room for it. */
  add(divergence: Omit<Divergence, 'channel'>): void {
    if (this.full) {
      this.skip(divergence.bytes);
      return;
    }
    const { hunk, ...rest } = divergence;
    const fitting = hunk && this.#fit(hunk);
    this.#kept.push({ channel: this.#channel, ...rest, ...(fitting && { hunk: fitting }) });
  }

  /** Counts a divergence that is not kept. */
  skip(bytes: number): void {
    this.#more++;
    this.#moreBytes += bytes;
  }

  /** Adds a finding about a token, unless there were many of the same fault already: then it is counted. */
  addFault(fault: string, kind: Divergence['kind'], bytes: number, make: () => Omit<Divergence, 'channel'>): void {
    const known = this.#faults.get(fault) ?? { count: 0, bytes: 0, kind };
    this.#faults.set(fault, known);
    known.count++;
    if (known.count <= MOST_OF_A_FAULT) this.add(make());
    else known.bytes += bytes;
  }

  /** All that was found; what was only counted comes last. */
  list(): Divergence[] {
    const list = [...this.#kept];
    for (const { count, bytes, kind } of this.#faults.values()) {
      if (count <= MOST_OF_A_FAULT) continue;
      const message = `and ${plural(count - MOST_OF_A_FAULT, 'more token')} of ${this.#channel} with the same fault`;
      list.push({ channel: this.#channel, kind, message, bytes });
    }
    if (this.#more > 0) {
      const message = `and ${plural(this.#more, 'more divergent region')} in ${this.#channel}`;
      list.push({ channel: this.#channel, kind: 'bytes', message, bytes: this.#moreBytes });
    }
    return list;
  }

  // A line keeps its bytes whole: what is shown beside it counts columns from its beginning.
  #fit(hunk: Hunk): Hunk | undefined {
    const sizes = hunk.rows.flatMap(({ old, new: now }) => [old?.length ?? 0, now?.length ?? 0]);
    const size = sizes.reduce((sum, one) => sum + one, 0);
    if (size > this.#room || Math.max(0, ...sizes) > ROW_BYTES) return undefined;
    this.#room -= size;
    return hunk;
  }
}
