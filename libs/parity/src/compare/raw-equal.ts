import { setImmediate } from 'node:timers/promises';
import type { ByteSource } from './byte-source.ts';

/** Bytes that are compared at once. */
export const BLOCK = 1024 * 1024;
/** Blocks after which others get their turn: some ten milliseconds. */
const TURN = 16;

/** Offset of the first block in which two sources differ; undefined when they are equal. Needs two blocks of memory at most. */
export async function firstUnequalBlock(one: ByteSource, other: ByteSource): Promise<number | undefined> {
  const common = Math.min(one.size, other.size);
  const blocks = [0, 1].map(() => Buffer.allocUnsafeSlow(Math.min(BLOCK, common)));
  const [a = Buffer.alloc(0), b = Buffer.alloc(0)] = blocks;
  for (let at = 0, count = 1; at < common; at += BLOCK, count++) {
    const length = Math.min(BLOCK, common - at);
    one.read(a, 0, length, at);
    other.read(b, 0, length, at);
    if (a.compare(b, 0, length, 0, length) !== 0) return at;
    if (count % TURN === 0) await setImmediate();
  }
  return one.size === other.size ? undefined : common - (common % BLOCK);
}
