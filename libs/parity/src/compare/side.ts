import { type ByteSource, readPart } from './byte-source.ts';
import type { KernelSide } from './line-kernel.ts';

/** Bytes in memory of each side. */
const WINDOW = 256 * 1024;
/** Bytes that stay in front of the position when a window moves on: a stamp may have begun there. */
const KEPT = 64;
const LF = 10;

/** One side of a comparison: a window on its bytes that moves forward, and lines found by offset. */
export class Side implements KernelSide {
  readonly source: ByteSource;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  at = 0;
  end = 0;
  floor = 0;
  last = false;
  /** Offset of `bytes[0]`; below zero when the window begins with a gap. */
  base = 0;
  /** Behind the last loaded byte; `end` may be before it. */
  loaded = 0;

  constructor(source: ByteSource) {
    this.source = source;
    const size = (Math.min(WINDOW, source.size + KEPT) + 7) & ~3;
    this.words = new Int32Array(size / 4);
    this.bytes = new Uint8Array(this.words.buffer);
  }

  /** Offset of `at`. */
  get offset(): number {
    return this.base + this.at;
  }

  /** Loads what follows, so that `at` has the remainder `phase` when it is divided by four. */
  refill(phase: number): void {
    const keep = Math.max(0, this.at - KEPT, -this.base);
    const gap = (phase - (this.at - keep) + 8) & 3;
    this.bytes.copyWithin(gap, keep, this.loaded);
    const moved = keep - gap;
    this.base += moved;
    this.at -= moved;
    this.floor = Math.max(0, this.floor - moved);
    this.loaded -= moved;
    this.#load();
  }

  /** Goes to an offset; what was before it is not looked at again. */
  seek(offset: number, phase: number): void {
    const index = offset - this.base;
    if (index >= 0 && index <= this.loaded && (index < this.loaded || offset === this.source.size)) {
      this.at = index;
    } else {
      this.base = offset - phase;
      this.at = phase;
      this.loaded = phase;
      this.#load();
    }
    this.floor = this.at;
    this.unlimit();
  }

  /** Makes the side look over at an offset within the window. */
  limit(offset: number): void {
    this.end = offset - this.base;
    this.last = true;
  }

  /** Takes a limit away. */
  unlimit(): void {
    this.end = this.loaded;
    this.last = this.base + this.loaded >= this.source.size;
  }

  /** Bytes by offsets, copied. */
  copy(from: number, to: number): Buffer {
    const start = from - this.base;
    if (from >= 0 && start >= 0 && to - this.base <= this.loaded) {
      return Buffer.from(this.bytes.subarray(start, to - this.base));
    }
    return readPart(this.source, from, to);
  }

  /** Offset of the beginning of the line that holds an offset; undefined when it is more than `reach` bytes away. */
  lineStart(offset: number, reach: number): number | undefined {
    for (let to = offset; to > 0; ) {
      const from = Math.max(0, to - 4096);
      const found = this.copy(from, to).lastIndexOf(LF);
      if (found !== -1) return from + found + 1;
      if (offset - from > reach) return undefined;
      to = from;
    }
    return 0;
  }

  /** Offset behind the line that begins at an offset, its newline included; undefined when it is longer than `reach`. */
  lineEnd(offset: number, reach: number): number | undefined {
    for (let from = offset, step = 512; from < this.source.size; step = Math.min(step * 4, 65_536)) {
      const to = Math.min(this.source.size, from + step);
      const found = this.copy(from, to).indexOf(LF);
      if (found !== -1) return from + found + 1;
      if (to - offset > reach) return undefined;
      from = to;
    }
    return this.source.size;
  }

  #load(): void {
    const wanted = this.bytes.length - this.loaded;
    if (wanted > 0) this.loaded += this.source.read(this.bytes, this.loaded, wanted, this.base + this.loaded);
    this.unlimit();
  }
}
