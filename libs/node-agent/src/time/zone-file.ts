import type { LocalZone } from './local-zone.ts';
import { parsePosixZone } from './posix-zone.ts';

/**
 * The zone of a zone file (TZif, RFC 9636, versions 1 to 4), or undefined for anything else.
 *
 * As in glibc: before the first change it is the first kind of time that is no summer time; from the last one on, the rule at the
 * file's end, where there is one. Leap seconds (`right/...`) are left out.
 */
export function parseZoneFile(bytes: Buffer): LocalZone | undefined {
  const first = readHeader(bytes, 0);
  if (!first) return undefined;
  if (first.version === 0) return zoneOf(bytes, first, 4);
  const second = readHeader(bytes, first.end + dataSize(first, 4));
  return second && zoneOf(bytes, second, 8);
}

interface Header {
  version: number;
  isUtc: number;
  isStandard: number;
  leaps: number;
  changes: number;
  kinds: number;
  letters: number;
  /** Where the data begins. */
  end: number;
}

function readHeader(bytes: Buffer, start: number): Header | undefined {
  const end = start + 44;
  if (bytes.length < end || bytes.toString('latin1', start, start + 4) !== 'TZif') return undefined;
  const [isUtc = 0, isStandard = 0, leaps = 0, changes = 0, kinds = 0, letters = 0] = [20, 24, 28, 32, 36, 40].map(
    (at) => bytes.readUInt32BE(start + at),
  );
  return { version: bytes[start + 4] ?? 0, isUtc, isStandard, leaps, changes, kinds, letters, end };
}

function dataSize(header: Header, width: 4 | 8): number {
  const { isUtc, isStandard, leaps, changes, kinds, letters } = header;
  return changes * (width + 1) + kinds * 6 + letters + leaps * (width + 4) + isStandard + isUtc;
}

function zoneOf(bytes: Buffer, header: Header, width: 4 | 8): LocalZone | undefined {
  const { changes, kinds } = header;
  const after = header.end + dataSize(header, width);
  if (kinds === 0 || after > bytes.length) return undefined;

  const times = Array.from({ length: changes }, (_, i) => readTime(bytes, header.end + i * width, width));
  const kindOf = bytes.subarray(header.end + changes * width, header.end + changes * (width + 1));
  const kindTable = header.end + changes * (width + 1);
  const offsets = Array.from({ length: kinds }, (_, i) => bytes.readInt32BE(kindTable + i * 6));
  const isSummer = Array.from({ length: kinds }, (_, i) => bytes[kindTable + i * 6 + 4] ?? 0);
  if (kindOf.some((kind) => kind >= kinds) || isSummer.some((flag) => flag > 1)) return undefined;

  const rule = width === 8 ? footer(bytes, after) : undefined;
  const before = offsets[Math.max(isSummer.indexOf(0), 0)] ?? 0;
  return {
    offsetAt(seconds) {
      const passed = countUpTo(times, seconds);
      if (passed === 0) return before;
      if (passed === changes && rule) return rule.offsetAt(seconds);
      return offsets[kindOf[passed - 1] ?? 0] ?? 0;
    },
  };
}

function readTime(bytes: Buffer, at: number, width: 4 | 8): number {
  return width === 4 ? bytes.readInt32BE(at) : Number(bytes.readBigInt64BE(at));
}

/** The rule between two newlines behind the data; undefined where there is none. */
function footer(bytes: Buffer, at: number): LocalZone | undefined {
  const text = bytes.toString('latin1', at);
  return text.length > 2 && text.startsWith('\n') && text.endsWith('\n')
    ? parsePosixZone(text.slice(1, -1))
    : undefined;
}

/** How many of the times (ascending) have come. */
function countUpTo(times: readonly number[], seconds: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}
