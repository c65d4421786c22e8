import type { TeeCase } from './tee-case.ts';

/** A function that makes log text of a stream, wherever it lives. */
export interface TeePort {
  /** All text that the sinks of the stream get, from its begin to its end. */
  transform(input: TeeCase): Promise<Buffer>;
  close(): Promise<void>;
}

/*
 * The words of a resident program: it reads cases on standard input and answers each on standard output, in order, until its
 * input ends. Numbers are little-endian.
 *
 *     case:   u32 length of what follows
 *             u8 label: 1 for [out], 2 for [err]; u32 limit; u32 number of reads
 *             each read: i64 microseconds since 1970 that the clock shows; u32 length; bytes
 *     answer: u32 length; bytes
 */

/** A case as a resident program reads it. */
export function encodeTeeCase({ label, limit, reads }: TeeCase): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt8(label === '[out]' ? 1 : 2, 4);
  head.writeUInt32LE(limit, 5);
  head.writeUInt32LE(reads.length, 9);
  const parts = reads.flatMap(({ bytes, micros }) => {
    const row = Buffer.alloc(12);
    row.writeBigInt64LE(BigInt(micros));
    row.writeUInt32LE(bytes.length, 8);
    return [row, bytes];
  });
  const whole = Buffer.concat([head, ...parts]);
  whole.writeUInt32LE(whole.length - 4);
  return whole;
}
