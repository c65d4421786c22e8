import { readLogicalLine } from './crash-report.ts';
import type { KeyedLine } from './hunk.ts';
import type { Side } from './side.ts';

/** Bytes in which the next agreement is looked for, on each side. */
const LOOK_AHEAD_BYTES = 4 * 1024 * 1024;

/** Lines of one side from an offset on, read as far as they are needed. */
export class LookAhead {
  readonly lines: KeyedLine[] = [];
  /** Whether the side ends behind them. */
  over = false;
  readonly #side: Side;
  #offset: number;
  #bytes = 0;
  #stuck = false;

  constructor(side: Side, offset: number) {
    this.#side = side;
    this.#offset = offset;
  }

  reach(width: number, crashes: boolean, key: (line: KeyedLine['line']) => KeyedLine): void {
    while (this.lines.length < width && this.#bytes < LOOK_AHEAD_BYTES && !this.over && !this.#stuck) {
      const line = readLogicalLine(this.#side, this.#offset, crashes);
      if (line === undefined) this.over = true;
      else if (line === 'long') this.#stuck = true;
      else {
        this.lines.push(key(line));
        this.#bytes += line.text.length;
        this.#offset = line.end;
      }
    }
    if (this.#offset >= this.#side.source.size) this.over = true;
  }

  keys(): string[] {
    return this.lines.map(({ key }) => key);
  }
}
