import { BatonError, type Digest, Hasher } from '@baton/kernel';
import { type Descriptor, openLayer, readTar, type TarHeader, type TarReadEntry } from '@baton/oci';
import { type Elf, looksLikeElf, parseElf } from './elf.ts';
import { keepWindows } from './file-windows.ts';

/** What is known of the content of a file beyond its header. */
export type FileFacts =
  | { kind: 'elf'; elf: Elf }
  /** A program of another system: `Mach-O`, `Windows`. */
  | { kind: 'foreign'; format: string }
  /** `#!`: the first line behind it, as the kernel takes it. */
  | { kind: 'script'; line: string }
  /** A small file of settings. */
  | { kind: 'text'; text: string };

/** A layer that was read once from end to end. */
export interface ScannedLayer {
  /** In the order of the archive: an entry's place is its position. */
  headers: TarHeader[];
  /** By position. */
  facts: Map<number, FileFacts>;
  /** Of the uncompressed archive. */
  diffId: Digest;
  uncompressed: number;
}

/** More entries than any layer that is meant to be used. */
const MOST_ENTRIES = 2_000_000;
const SETTINGS_LIMIT = 64 * 1024;
/** What the kernel reads of a script (BINPRM_BUF_SIZE). */
const SCRIPT_LINE = 256;

/**
 * Reads a layer once, as a stream: its bytes are verified by `blob` (which throws when they end), uncompressed and
 * hashed, and of each file that matters to starting a program the little is kept that matters. Throws what `blob`
 * throws, `IMAGE_INVALID` (no layer's media type), `LAYER_INVALID`.
 */
export async function scanLayer(
  descriptor: Descriptor,
  blob: AsyncIterable<Uint8Array>,
  where: string,
): Promise<ScannedLayer> {
  const chunks = blob[Symbol.asyncIterator]();
  // Readers stop at the end of what they read, and close what they read from: then the bytes behind it would go unseen.
  const kept = { next: () => chunks.next(), return: async () => ({ done: true as const, value: undefined }) };
  const drain = async (): Promise<void> => {
    while ((await chunks.next()).done !== true);
  };
  try {
    const scanned = await readEntries(
      openLayer({ [Symbol.asyncIterator]: () => kept }, descriptor.mediaType, where),
      where,
    );
    await drain();
    return scanned;
  } catch (error) {
    // Damaged bytes are usually no archive either, but that they are damaged says more.
    if (error instanceof BatonError && error.code === 'LAYER_INVALID') await drain();
    throw error;
  } finally {
    await chunks.return?.();
  }
}

async function readEntries(archive: AsyncIterable<Buffer>, where: string): Promise<ScannedLayer> {
  const hasher = new Hasher();
  const headers: TarHeader[] = [];
  const facts = new Map<number, FileFacts>();
  for await (const entry of readTar(hashing(archive, hasher), where)) {
    if (headers.length === MOST_ENTRIES) {
      throw new BatonError('LAYER_INVALID', `${where}: expected at most ${MOST_ENTRIES} entries, found more`);
    }
    const found = await factsOf(entry);
    if (found !== undefined) facts.set(headers.length, found);
    headers.push(entry.header);
  }
  return { headers, facts, diffId: hasher.digest(), uncompressed: hasher.size };
}

async function* hashing(source: AsyncIterable<Buffer>, hasher: Hasher): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    hasher.update(chunk);
    yield chunk;
  }
}

async function factsOf({ header, body }: TarReadEntry): Promise<FileFacts | undefined> {
  if (header.type !== 'file' || header.size < 2) return undefined;
  const chunks = body[Symbol.asyncIterator]();
  const start = await takeStart(chunks);
  if (looksLikeElf(start)) {
    const elf = parseElf(await keepWindows(header.size, rejoin(start, chunks)));
    return elf === undefined ? undefined : { kind: 'elf', elf };
  }
  if (start.subarray(0, 2).toString('latin1') === '#!') {
    const text = (await takeAtMost(start, chunks, SCRIPT_LINE)).toString('utf8', 2);
    return { kind: 'script', line: text.split('\n', 1).join('') };
  }
  if (header.size <= SETTINGS_LIMIT && isSettings(header.path)) {
    return { kind: 'text', text: (await takeAtMost(start, chunks, SETTINGS_LIMIT)).toString('utf8') };
  }
  const format = header.path.endsWith('.node') ? formatOf(start) : undefined;
  return format === undefined ? undefined : { kind: 'foreign', format };
}

/** Users, and where libraries are looked for: what starting a program reads besides programs. */
function isSettings(path: string): boolean {
  return /(?:^|\/)(?:passwd|group|ld\.so\.conf|ld\.so\.conf\.d\/[^/]+\.conf|ld-musl-[^/]+\.path)$/.test(path);
}

function formatOf(start: Buffer): string | undefined {
  if (start.subarray(0, 2).toString('latin1') === 'MZ') return 'Windows';
  const magic = start.byteLength < 4 ? 0 : start.readUInt32BE(0);
  return [0xcffaedfe, 0xcefaedfe, 0xfeedfacf, 0xfeedface, 0xcafebabe].includes(magic) ? 'Mach-O' : undefined;
}

async function takeStart(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  return await takeAtMost(Buffer.alloc(0), chunks, 4);
}

/** Reads on until so many bytes are at hand; gives all of the last chunk only when it is asked for few. */
async function takeAtMost(start: Buffer, chunks: AsyncIterator<Buffer>, bytes: number): Promise<Buffer> {
  let all = start;
  while (all.byteLength < bytes) {
    const next = await chunks.next();
    if (next.done === true) break;
    all = Buffer.concat([all, next.value]);
  }
  return all;
}

async function* rejoin(start: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield start;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
}
