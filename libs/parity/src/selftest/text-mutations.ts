import type { PatternRule, Scenario } from '../model/scenario.ts';

/** Changes the bytes of a channel in a way that every comparison must notice; undefined where it cannot be done. */
export type TextMutation = (bytes: Buffer, draw: (count: number) => number) => Buffer | undefined;

const LF = 0x0a;
const STAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6}(?!\d)|(?!\.\d))(?!\+)/g;
/** Chunks that are further apart were parted by a pause, microseconds; stamps nearer to each other may be one in a faster program. */
const PAUSE = 60_000;
const SECOND = 1_000_000;

/** The mutations of a text by name. `plain` tells lines in which nothing is allowed to differ. */
export function textMutations(scenario: Scenario): Record<string, TextMutation> {
  const plain = plainLine(scenario);
  return {
    // The high bit: no token and no printable text has it by chance.
    'flip a byte': (bytes, draw) => {
      const line = pick(
        linesOf(bytes).filter((one) => one.length > 0 && plain(one)),
        draw,
      );
      if (line === undefined) return undefined;
      const copy = Buffer.from(bytes);
      const at = line.byteOffset - bytes.byteOffset + draw(line.length);
      copy[at] = (copy[at] ?? 0) ^ 0x80;
      return copy;
    },
    'drop a line': (bytes, draw) => {
      const lines = linesOf(bytes);
      const at = lines.length < 2 ? undefined : pickIndex(lines, plain, draw);
      return at === undefined ? undefined : Buffer.concat(lines.toSpliced(at, 1));
    },
    'swap two lines': (bytes, draw) => {
      const lines = linesOf(bytes);
      const differ = (line: Buffer, i: number): boolean => {
        const next = lines[i + 1];
        return next !== undefined && next.at(-1) === LF && plain(line) && plain(next) && words(line) !== words(next);
      };
      const at = pickIndex(lines, differ, draw);
      const [one, other] = at === undefined ? [] : [lines[at], lines[at + 1]];
      if (at === undefined || one === undefined || other === undefined) return undefined;
      return Buffer.concat(lines.toSpliced(at, 2, other, one));
    },
    'duplicate a line': (bytes, draw) => {
      const lines = linesOf(bytes);
      const at = pickIndex(lines, (line) => line.at(-1) === LF && plain(line), draw);
      const line = at === undefined ? undefined : lines[at];
      return at === undefined || line === undefined ? undefined : Buffer.concat(lines.toSpliced(at, 0, line));
    },
    // It comes after the next stamp then, so it is wrong by itself wherever the time of the run is not known.
    'shift a stamp by a second': (bytes, draw) => {
      const text = bytes.toString('latin1');
      const stamps = stampsOf(text);
      const near = stamps.filter(({ micros }, i) => {
        const gap = (stamps[i + 1]?.micros ?? Number.POSITIVE_INFINITY) - micros;
        return gap >= 0 && gap < SECOND;
      });
      const stamp = pick(near, draw);
      return stamp && replaceStamp(text, stamp, stamp.micros + SECOND);
    },
    'merge two stamps': (bytes, draw) => {
      const text = bytes.toString('latin1');
      const stamps = stampsOf(text);
      const at = pickIndex(stamps, ({ micros }, i) => micros - (stamps[i - 1]?.micros ?? micros) > PAUSE, draw);
      const [before, stamp] = at === undefined ? [] : [stamps[at - 1], stamps[at]];
      return before && stamp && replaceStamp(text, stamp, before.micros);
    },
  };
}

interface Stamp {
  at: number;
  length: number;
  /** Since 1970, as if it were UTC. */
  micros: number;
}

function stampsOf(text: string): Stamp[] {
  return [...text.matchAll(STAMP)].flatMap((match) => {
    const [seconds = '', fraction = '0'] = match[0].split('.');
    const moment = Date.parse(`${seconds}Z`);
    return Number.isNaN(moment)
      ? []
      : [{ at: match.index, length: match[0].length, micros: moment * 1000 + Number(fraction) }];
  });
}

// As Python prints it: no fraction at microsecond 0.
function replaceStamp(text: string, { at, length }: Stamp, micros: number): Buffer {
  const seconds = new Date(Math.floor(micros / SECOND) * 1000).toISOString().slice(0, 19);
  const fraction = micros % SECOND;
  const stamp = fraction === 0 ? seconds : `${seconds}.${String(fraction).padStart(6, '0')}`;
  return Buffer.from(text.slice(0, at) + stamp + text.slice(at + length), 'latin1');
}

/** The lines of a text as parts of it, each with its line end. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lf = bytes.indexOf(LF, at);
    const end = lf === -1 ? bytes.length : lf + 1;
    lines.push(bytes.subarray(at, end));
    at = end;
  }
  return lines;
}

// Lines that differ in digits only may be two stamps of one kind.
function words(line: Buffer): string {
  return line.toString('latin1').replace(/\d/g, '').trimEnd();
}

function plainLine({ tokens }: Scenario): (line: Buffer) => boolean {
  const patterns = tokens
    .filter((rule): rule is PatternRule => rule.use === 'pattern')
    .map(({ pattern }) => new RegExp(pattern));
  return (line) => {
    const text = line.toString('latin1').replace(/\n$/, '');
    return !patterns.some((pattern) => pattern.test(text));
  };
}

function pick<T>(items: readonly T[], draw: (count: number) => number): T | undefined {
  return items.length === 0 ? undefined : items[draw(items.length)];
}

function pickIndex<T>(
  items: readonly T[],
  fits: (item: T, i: number) => boolean,
  draw: (count: number) => number,
): number | undefined {
  return pick(
    items.flatMap((item, i) => (fits(item, i) ? [i] : [])),
    draw,
  );
}
