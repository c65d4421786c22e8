import type { ByteSource } from '../launcher/byte-source.ts';
import { asPythonError, type Sink } from './sinks.ts';
import { createTransformation, type TransformationOptions } from './transformation.ts';

/** What a stream of a command goes through, and where to. */
export interface TeeOptions extends TransformationOptions {
  /** Written in this order, each piece to all before the next is read. */
  sinks: readonly Sink[];
}

/**
 * Reads one stream of a command to its end, transformed into all sinks (contract, section 11).
 *
 * `sources` are read one after the other, as one stream. A read that fails ends the stream with a line that says so, and
 * the run goes on. A sink that fails rejects with its error; what still comes is read by nobody.
 */
export async function teeStream(sources: readonly ByteSource[], options: TeeOptions): Promise<void> {
  const transform = createTransformation(options);
  let sinkFailed = false;
  const emit = (text: Uint8Array): void => {
    try {
      for (const sink of options.sinks) sink(text);
    } catch (error) {
      sinkFailed = true;
      throw error;
    }
  };
  try {
    for (const source of sources) await source((bytes) => transform(bytes, emit));
  } catch (error) {
    if (sinkFailed) throw error;
    emit(readError(options, errorText(error)));
  }
}

/** The line that stands for what could not be read, in bytes. */
export function readError({ label, stamp }: Pick<TeeOptions, 'label' | 'stamp'>, text: string): Buffer {
  return Buffer.from(`${label}${stamp()} ERROR reading stream: ${text}\n`);
}

function errorText(error: unknown): string {
  const told = asPythonError(error);
  return told instanceof Error ? told.message : String(told);
}
