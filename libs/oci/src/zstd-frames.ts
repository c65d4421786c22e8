import { invalidLayer } from './tar-extended.ts';
import { ByteSource } from './tar-source.ts';

const FRAME = 0xfd2fb528;
/** Skippable frames have one of 16 magic numbers; only their high 28 bits are compared. */
const SKIPPABLE = 0x184d2a5;
const RAW_OR_COMPRESSED = [0, 2];
const RUN = 1;

/**
 * Cuts zstd data (RFC 8878, section 3) at the ends of its frames: what compresses in parallel, or lets a reader begin in the
 * middle, writes many, and Node's decompressor stops after the first. Skippable frames are left out. Each frame must be
 * read to its end before the next one is asked for. Throws `LAYER_INVALID` for what begins no frame.
 */
export async function* zstdFrames(
  source: AsyncIterable<Uint8Array>,
  where: string,
): AsyncGenerator<AsyncGenerator<Buffer>> {
  const bytes = new ByteSource(source);
  try {
    for (let first = true; ; first = false) {
      const magic = await bytes.take(4);
      if (magic.byteLength === 0 && !first) return;
      if (magic.byteLength < 4) throw invalidLayer(where, 'zstd data that is broken or cut off');
      const number = magic.readUInt32LE();
      if (number === FRAME) yield frame(bytes, Buffer.from(magic), where);
      else if (number >>> 4 === SKIPPABLE) await passOver(bytes, where);
      else throw invalidLayer(where, 'something else than a frame of zstd');
    }
  } finally {
    await bytes.close();
  }
}

async function passOver(bytes: ByteSource, where: string): Promise<void> {
  const size = await bytes.take(4);
  if (size.byteLength < 4 || !(await bytes.skip(size.readUInt32LE()))) {
    throw invalidLayer(where, 'zstd data that is broken or cut off');
  }
}

// What is cut off simply ends here: the decompressor is the one to complain.
async function* frame(bytes: ByteSource, magic: Buffer, where: string): AsyncGenerator<Buffer> {
  yield magic;
  const descriptor = await bytes.take(1);
  const flags = descriptor[0];
  if (flags === undefined) return;
  yield Buffer.from(descriptor);
  yield* exactly(bytes, headerRest(flags));
  for (let last = false; !last; ) {
    const block = Buffer.from(await bytes.take(3));
    yield block;
    if (block.byteLength < 3) return;
    const word = block.readUIntLE(0, 3);
    last = (word & 1) === 1;
    const type = (word >>> 1) & 3;
    if (type !== RUN && !RAW_OR_COMPRESSED.includes(type)) throw invalidLayer(where, 'a zstd block of an unknown type');
    yield* exactly(bytes, type === RUN ? 1 : word >>> 3);
  }
  if ((flags & 4) !== 0) yield* exactly(bytes, 4);
}

// Section 3.1.1.1: window descriptor, dictionary, size of the content.
function headerRest(flags: number): number {
  const single = (flags & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][flags & 3] ?? 0;
  const content = [single ? 1 : 0, 2, 4, 8][flags >>> 6] ?? 0;
  return (single ? 0 : 1) + dictionary + content;
}

async function* exactly(bytes: ByteSource, length: number): AsyncGenerator<Buffer> {
  for (let left = length; left > 0; ) {
    const part = await bytes.part(left);
    if (part === undefined) return;
    left -= part.byteLength;
    yield part;
  }
}
