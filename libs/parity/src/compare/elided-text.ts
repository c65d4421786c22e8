import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { recordingForm } from '../golden/recording-form.ts';
import type { Content } from '../model/observation.ts';
import type { Divergence } from '../model/verdict.ts';
import type { ByteSource } from './byte-source.ts';
import { CRASH_HEADER } from './crash-report.ts';
import { commonLength } from './hunk.ts';
import { visibleBytes } from './visible-bytes.ts';

const PIECE = 1024 * 1024;
/** Bytes that stay together at an end of a piece: no mark of the form is longer, and no piece is all an epoch. */
const TOGETHER = 4096;
/** A text with a crash report is worked on as a whole, up to this. */
const MOST_WITH_REPORT = 64 * 1024 * 1024;
const LF = 10;

type Elided = Extract<Content, { kind: 'elided' }>;

/**
 * Compares what a recording knows of a text that it did not keep with the text of NEW: both in the form of recordings, by size, sha256,
 * beginning and end. NEW is read in pieces.
 */
export async function compareElided(
  channel: string,
  old: Elided,
  now: ByteSource,
  rootMount: string,
): Promise<Divergence[]> {
  const { size, sha256, head, tail } = old.normalised;
  const hash = createHash('sha256');
  let length = 0;
  let begin: Buffer = Buffer.alloc(0);
  let end: Buffer = Buffer.alloc(0);
  for (const piece of pieces(now, rootMount.length)) {
    const form = recordingForm(piece, rootMount);
    hash.update(form);
    length += form.length;
    if (begin.length < head.length) begin = Buffer.concat([begin, form.subarray(0, head.length - begin.length)]);
    end = Buffer.concat([end, form]).subarray(-tail.length);
    await setImmediate();
  }
  if (tail.length === 0) end = Buffer.alloc(0);
  const digest = hash.digest('hex');
  if (length === size && digest === sha256) return [];
  const bytes = Math.max(1, Math.abs(length - size));
  const told = `${channel} differs from what the recording knows of it, tokens replaced`;
  const place = (wanted: Buffer, found: Buffer): { at: number; text: string } | undefined => {
    if (wanted.equals(found)) return undefined;
    const [one, other] = [wanted.toString('latin1'), found.toString('latin1')];
    const at = commonLength(one, other);
    return { at, text: `OLD has ${visibleBytes(one.slice(at))}, NEW has ${visibleBytes(other.slice(at))}` };
  };
  const [first, last] = [place(head, begin), place(tail, end)];
  const message =
    first !== undefined
      ? `${told}: at byte ${first.at} ${first.text}`
      : length !== size
        ? `${told}: OLD has ${size} bytes, NEW has ${length}`
        : last !== undefined
          ? `${told}: at byte ${size - tail.length + last.at} ${last.text}`
          : `${told}: same size, beginning and end; OLD's sha256 is ${sha256}, NEW's is ${digest}`;
  return [{ channel, kind: 'bytes', message, bytes }];
}

function* pieces(source: ByteSource, rootLength: number): Generator<Buffer> {
  const together = TOGETHER + rootLength;
  let rest: Buffer = Buffer.alloc(0);
  for (let position = 0; position < source.size; ) {
    const block = Buffer.allocUnsafe(Math.min(PIECE, source.size - position));
    position += source.read(block, 0, block.length, position);
    rest = Buffer.concat([rest, block]);
    const whole = position >= source.size;
    const report = rest.includes(CRASH_HEADER) && rest.length < MOST_WITH_REPORT;
    if (whole || report) continue;
    const cut = safeCut(rest, rest.length - together);
    yield rest.subarray(0, cut);
    rest = rest.subarray(cut);
  }
  yield rest;
}

// Behind a newline, where no mark goes on; in a line without an end, between two bytes of which neither can be within a mark.
function safeCut(bytes: Buffer, before: number): number {
  const newline = bytes.lastIndexOf(LF, before) + 1;
  if (newline > 0 && newline > before - PIECE / 2) return newline;
  const text = bytes.toString('latin1', Math.max(0, before - TOGETHER), before + TOGETHER);
  const start = Math.max(0, before - TOGETHER);
  for (let at = before; at > start; at--) {
    const around = text.slice(at - start - 1, at - start + 1);
    if (/^[^\w./:+-]{2}$/.test(around)) return at;
    // A run of one byte holds no mark.
    const [byte] = around;
    if (byte !== undefined && text.slice(at - start - 40, at - start + 40) === byte.repeat(80) && !'/'.includes(byte))
      return at;
  }
  return before;
}
