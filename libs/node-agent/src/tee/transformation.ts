import { isUtf8 } from 'node:buffer';
import { replaceIllFormed } from '../python-text/index.ts';
import { type Expansion, expandedBound, LONGEST_INPUT, LONGEST_PREFIX } from './expansion.ts';

/** The two streams of a command, and what each of their lines begins with (contract, section 11). */
export type Label = '[out]' | '[err]';

/** Makes log text of what one read(2) returned and gives it to `emit`, in pieces whose memory is used again afterwards. */
export type Transformation = (bytes: Uint8Array, emit: (text: Uint8Array) => void) => void;

/** What a stream is transformed with. */
export interface TransformationOptions {
  label: Label;
  /** SKYHOOK_AGENT_BUFFER_LIMIT: the most bytes of a chunk, 1 or more, infinity included. */
  limit: number;
  /** The local time now, by 18.3: asked once for each chunk, after the chunk was there. */
  stamp(): string;
  /** Shared by the streams of a process: a transformation leaves nothing in it. */
  expansion: Expansion;
}

/**
 * The transformation of section 11 for one stream, on bytes; traps T5 to T11.
 *
 * Each read is cut at the limit, counted from its start (T11). Each chunk is decoded on its own (T9): well-formed UTF-8 is
 * itself, in anything else U+FFFD stands for what is ill-formed; a byte order mark stays (T10). The prefix with the
 * chunk's own time (T8) goes before the first chunk and behind every newline (T7).
 */
export function createTransformation(options: TransformationOptions): Transformation {
  const { label, limit, stamp, expansion } = options;
  const { output } = expansion;
  let first = true;
  return (bytes, emit) => {
    let used = 0;
    const makeRoom = (length: number): void => {
      if (used + length <= output.length) return;
      emit(output.subarray(0, used));
      used = 0;
    };
    for (let start = 0; start < bytes.length; start += limit) {
      const chunk = bytes.subarray(start, Math.min(start + limit, bytes.length));
      const text = isUtf8(chunk) ? chunk : replaceIllFormed(chunk);
      const prefix = `${label}${stamp()} `;
      if (first) {
        makeRoom(LONGEST_PREFIX);
        used += output.write(prefix, used, 'latin1');
        first = false;
      }
      for (let from = 0; from < text.length; from += LONGEST_INPUT) {
        const part = text.length <= LONGEST_INPUT ? text : text.subarray(from, from + LONGEST_INPUT);
        makeRoom(expandedBound(part.length));
        used = expansion.expand(part, prefix, used);
      }
    }
    if (used > 0) emit(output.subarray(0, used));
  };
}
