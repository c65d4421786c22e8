import { CRASH_HEADER } from './crash-report.ts';
import type { Side } from './side.ts';

const LF = 10;
/** Bytes at a window's end that wait for the next one: a header whose line begins there may not be loaded yet. */
const WAITING = 512;

/** Stops a side in front of the next crash report in its window, because a report is compared as one line. */
export class CrashLimits {
  readonly #enabled: boolean;

  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  /** Sets the limit for what is loaded now. */
  apply(side: Side): void {
    side.unlimit();
    if (!this.#enabled) return;
    const bytes = Buffer.from(side.bytes.buffer, side.bytes.byteOffset, side.loaded);
    for (
      let found = bytes.indexOf(CRASH_HEADER, side.at);
      found !== -1;
      found = bytes.indexOf(CRASH_HEADER, found + 1)
    ) {
      const start = bytes.lastIndexOf(LF, found) + 1;
      if (start < side.at && !(start === 0 && side.at === 0)) continue;
      if (!/^(?:\[(?:out|err)\]\S{19,26} )*$/.test(bytes.toString('latin1', start, found))) continue;
      side.limit(side.base + start);
      return;
    }
    if (!side.last && side.loaded - WAITING > side.at) side.end = side.loaded - WAITING;
  }
}
