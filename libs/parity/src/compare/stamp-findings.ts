import type { DivergenceKind } from '../model/scenario.ts';
import type { LineToken } from '../tokens/line-tokens.ts';
import { PAUSE, type StampFault, StampTrack } from '../tokens/stamp-track.ts';
import type { ChannelContext } from './channel-context.ts';
import type { StampSink } from './line-kernel.ts';
import type { TokenFault } from './token-fault.ts';

/** A side that knows how far it is. */
type OffsetSide = { readonly offset: number };

type StampKind = 'iso-local' | 'iso-utc' | 'log-stamp' | 'epoch';

const KINDS: Readonly<Record<StampFault, DivergenceKind>> = {
  order: 'token-order',
  window: 'token-window',
  'window-old': 'token-window',
  split: 'token-group',
  merged: 'token-group',
  crossed: 'token-group',
};

/** A fault in a pair of stamps, which end at these offsets. */
export interface FoundStampFault {
  fault: StampFault;
  kind: DivergenceKind;
  message: string;
  bytes: number;
  oldEnd: number;
  newEnd: number;
}

/** Pairs of one line that wait at most. */
const WAITING = 64;
const FIELDS = 6;

/**
 * The stamps of one channel: hands them to their tracks, and puts what is wrong into words.
 *
 * A pair waits until its line has ended, because a line that turns out to differ may be another line: then its stamps are no pairs.
 */
export class StampFindings implements StampSink {
  readonly local: boolean;
  readonly utc: boolean;
  readonly tracks: Readonly<Record<StampKind, StampTrack>>;
  readonly #context: ChannelContext;
  readonly #pair = new Float64Array(2);
  readonly #sides: { old: OffsetSide; now: OffsetSide };
  readonly #report: (found: FoundStampFault) => void;
  readonly #waiting = new Float64Array(WAITING * FIELDS);
  #count = 0;

  constructor(
    context: ChannelContext,
    sides: { old: OffsetSide; now: OffsetSide },
    report: (found: FoundStampFault) => void,
  ) {
    this.#context = context;
    this.#sides = sides;
    this.#report = report;
    this.local = context.rules.kinds.has('iso-local');
    this.utc = context.rules.kinds.has('iso-utc');
    const { groups } = context.book;
    this.tracks = {
      'iso-local': this.#track('iso-local', groups.local),
      'iso-utc': this.#track('iso-utc', groups.utc),
      'log-stamp': this.#track('log-stamp', groups.log),
      epoch: this.#track('epoch', groups.log),
    };
  }

  stamp(isUtc: boolean, pair: Float64Array, bytes: number, newline: boolean): void {
    if (newline || this.#count === WAITING) this.settle(Infinity);
    const at = this.#count++ * FIELDS;
    const waiting = this.#waiting;
    waiting[at] = pair[0] ?? 0;
    waiting[at + 1] = pair[1] ?? 0;
    waiting[at + 2] = this.#sides.old.offset;
    waiting[at + 3] = this.#sides.now.offset;
    waiting[at + 4] = bytes;
    waiting[at + 5] = isUtc ? 1 : 0;
  }

  /** Takes the pairs that wait, those that end before an offset of OLD; the others are forgotten: they were no pairs. */
  settle(before: number): void {
    const waiting = this.#waiting;
    for (let i = 0; i < this.#count; i++) {
      const at = i * FIELDS;
      if ((waiting[at + 2] ?? 0) > before) continue;
      this.#pair[0] = waiting[at] ?? 0;
      this.#pair[1] = waiting[at + 1] ?? 0;
      const isUtc = waiting[at + 5] === 1;
      const track = isUtc ? this.tracks['iso-utc'] : this.tracks['iso-local'];
      const fault = track.take(this.#pair, waiting[at + 4] ?? 0);
      if (fault !== undefined) this.#tell(isUtc ? 'iso-utc' : 'iso-local', fault, at);
    }
    this.#count = 0;
  }

  /** Checks a pair of tokens that was found in a line. */
  check(old: LineToken, now: LineToken): TokenFault[] {
    const kind = old.kind as StampKind;
    this.#pair.set([old.micros, now.micros]);
    const fault = this.tracks[kind].take(this.#pair, now.text.length);
    return fault === undefined ? [] : [{ ...this.#describe(kind, fault), old, now }];
  }

  /** Enters what was hidden into the ledger. */
  enter(): void {
    for (const [kind, track] of Object.entries(this.tracks)) {
      this.#context.book.enter(kind as StampKind, this.#context.channel, track.hits, track.bytes);
    }
  }

  #tell(kind: StampKind, fault: StampFault, at: number): void {
    const [oldEnd = 0, newEnd = 0, bytes = 0] = this.#waiting.subarray(at + 2, at + 5);
    this.#report({ fault, ...this.#describe(kind, fault), bytes, oldEnd, newEnd });
  }

  #track(kind: StampKind, groups: ChannelContext['book']['groups']['local']): StampTrack {
    const { rules, book, channel, old, now } = this.#context;
    const wholeSeconds = kind === 'log-stamp';
    const side = kind === 'iso-local' ? 'local' : 'utc';
    const floor = wholeSeconds ? 1_000_000 : 1;
    const windowOf = (windows: ChannelContext['old']) => {
      const window = windows[side];
      return window && { from: Math.floor(window.from / floor) * floor, to: window.to };
    };
    const isIso = kind === 'iso-local' || kind === 'iso-utc';
    return new StampTrack({
      old: windowOf(old),
      now: windowOf(now),
      equalGroups: isIso && rules.kinds.get(kind)?.groups !== 'free',
      pause: isIso ? PAUSE : Infinity,
      groups,
      channel: book.indexOf(channel),
    });
  }

  #describe(kind: StampKind, fault: StampFault): { kind: DivergenceKind; message: string } {
    const track = this.tracks[kind];
    const { last, before } = track.pairs;
    return { kind: KINDS[fault], message: this.#sentence(kind, fault, last, before) };
  }

  #sentence(
    kind: StampKind,
    fault: StampFault,
    last: { old: number; now: number },
    before: { old: number; now: number },
  ): string {
    const { old, now, book } = this.#context;
    const side = kind === 'iso-local' ? 'local' : 'utc';
    switch (fault) {
      case 'order':
        return last.now < before.now
          ? `NEW's ${iso(last.now)} comes after ${iso(before.now)}, and OLD's stamps do not fall there`
          : `NEW's ${iso(last.now)} comes after ${iso(before.now)}, and OLD's stamps fall there`;
      case 'window':
        return `NEW's ${iso(last.now)} is not within the run (${span(now[side])})`;
      case 'window-old':
        return `OLD's ${iso(last.old)} is not within its run (${span(old[side])})`;
      case 'split':
        return `NEW has ${iso(before.now)} and ${iso(last.now)} where OLD has ${iso(last.old)} twice: one chunk, one stamp`;
      case 'merged':
        return `NEW has ${iso(last.now)} for stamps of OLD that a pause parts, up to ${iso(last.old)}`;
      case 'crossed': {
        const first = this.tracks[kind].crossed;
        return `NEW has ${iso(last.now)} where OLD's ${iso(last.old)} is ${iso(first.now)} in ${book.channels[first.channel]}`;
      }
    }
  }
}

/** A moment as Python's `isoformat()` writes it. Microseconds since 1970. */
export function iso(micros: number): string {
  if (!Number.isFinite(micros)) return 'no stamp';
  const fraction = micros % 1_000_000;
  const text = new Date(Math.floor(micros / 1_000_000) * 1000).toISOString().slice(0, 19);
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, '0')}`;
}

function span(window: { from: number; to: number } | undefined): string {
  return window === undefined
    ? 'unknown'
    : `${iso(Math.round(window.from))} to ${iso(Math.round(window.to))}, one second of slack included`;
}
