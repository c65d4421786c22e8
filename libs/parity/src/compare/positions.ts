import type { Position } from '../model/verdict.ts';
import type { Side } from './side.ts';

const LF = 10;
const STEP = 64 * 1024;

/** Turns offsets of one side into lines and columns. Lines are counted only up to where they are asked for, each byte at most once in a row. */
export class Positions {
  readonly #side: Side;
  readonly #scratch: Buffer;
  #offset = 0;
  #lines = 0;
  #start = 0;

  constructor(side: Side) {
    this.#side = side;
    this.#scratch = Buffer.allocUnsafeSlow(Math.min(STEP, side.source.size));
  }

  /** Line and column of an offset, both from 1. Going back counts again from the beginning. */
  at(offset: number): Position {
    if (offset < this.#offset) this.#offset = this.#lines = this.#start = 0;
    while (this.#offset < offset) {
      const to = Math.min(offset, this.#offset + STEP);
      const length = to - this.#offset;
      this.#side.source.read(this.#scratch, 0, length, this.#offset);
      const bytes = this.#scratch;
      for (let found = bytes.indexOf(LF); found !== -1 && found < length; found = bytes.indexOf(LF, found + 1)) {
        this.#lines++;
        this.#start = this.#offset + found + 1;
      }
      this.#offset = to;
    }
    return { offset, line: this.#lines + 1, column: offset - this.#start + 1 };
  }
}
