import { readSync, writeSync } from 'node:fs';
import { createExpansion } from './tee/expansion.ts';
import { teeStream } from './tee/tee-stream.ts';
import { createStamper } from './time/time-text.ts';

// The agent's tee as a resident program, for searches that compare text only: it reads cases on standard input and answers each on
// standard output. The words: libs/parity/src/fuzz/tee-port.ts.

interface Read {
  micros: number;
  bytes: Buffer;
}

const expansion = createExpansion();
let now = 0;
const localTime = createStamper({ offsetAt: () => 0 });

async function answer(request: Buffer): Promise<Buffer> {
  const label = request.readUInt8() === 1 ? '[out]' : '[err]';
  const limit = request.readUInt32LE(1);
  const reads = [...readsOf(request)];
  const text: Buffer[] = [];
  const source = async (onBytes: (bytes: Uint8Array) => void): Promise<void> => {
    for (const { micros, bytes } of reads) {
      now = micros;
      onBytes(bytes);
    }
  };
  await teeStream([source], {
    label,
    limit,
    expansion,
    stamp: () => localTime(now),
    sinks: [(bytes) => text.push(Buffer.from(bytes))],
  });
  return Buffer.concat(text);
}

function* readsOf(request: Buffer): Generator<Read> {
  for (let at = 9, left = request.readUInt32LE(5); left > 0; left -= 1) {
    const end = at + 12 + request.readUInt32LE(at + 8);
    yield { micros: Number(request.readBigInt64LE(at)), bytes: request.subarray(at + 12, end) };
    at = end;
  }
}

/** Exactly so many bytes of standard input; undefined at its end. */
function take(size: number): Buffer | undefined {
  const bytes = Buffer.alloc(size);
  for (let have = 0; have < size; ) {
    const got = readSync(0, bytes, have, size - have, null);
    if (got === 0) return undefined;
    have += got;
  }
  return bytes;
}

function give(bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(1, bytes, done);
}

for (let head = take(4); head !== undefined; head = take(4)) {
  const request = take(head.readUInt32LE());
  if (request === undefined) break;
  const text = await answer(request);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  give(Buffer.concat([length, text]));
}
