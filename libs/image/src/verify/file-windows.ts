import { elfRanges, type FileBytes } from './elf.ts';

/** Bytes kept from the start of a file: names of libraries lie there, also in programs of 100 MB. */
const HEAD = 16 * 1024 * 1024;
/** Bytes kept from its end: tools that change a finished program put what they change there. */
const TAIL = 2 * 1024 * 1024;
/** Bytes at the start within which the program headers are expected when they name other parts to keep. */
const HEADERS = 64 * 1024;

/**
 * Reads a file that comes as a stream, and keeps those parts that {@link elfRanges} and the dynamic loader look at:
 * the start, the end, and between them what the program headers name. Memory stays within 20 MB whatever its size.
 */
export async function keepWindows(size: number, body: AsyncIterable<Uint8Array>): Promise<FileBytes> {
  const kept: { offset: number; bytes: Buffer }[] = [];
  let ranges: { offset: number; length: number }[] | undefined;
  let at = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (ranges === undefined && at >= Math.min(HEADERS, HEAD)) ranges = elfRanges(view(size, kept));
    if (isWanted(at, at + bytes.byteLength, size, ranges ?? [])) kept.push({ offset: at, bytes });
    at += bytes.byteLength;
  }
  return view(size, kept);
}

function isWanted(from: number, to: number, size: number, ranges: { offset: number; length: number }[]): boolean {
  if (from < HEAD || to > size - TAIL) return true;
  return ranges.some(({ offset, length }) => from < offset + length && to > offset);
}

/** Whole bytes as a file of which everything is at hand. */
export function wholeFile(bytes: Buffer): FileBytes {
  return view(bytes.byteLength, [{ offset: 0, bytes }]);
}

// Pieces are in order, and few: a search per read is cheaper than joining them.
function view(size: number, pieces: readonly { offset: number; bytes: Buffer }[]): FileBytes {
  return {
    size,
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > size) return undefined;
      const parts: Buffer[] = [];
      let at = offset;
      for (const { offset: start, bytes } of pieces) {
        if (at >= offset + length) break;
        if (at < start || at >= start + bytes.byteLength) continue;
        const piece = bytes.subarray(at - start, Math.min(bytes.byteLength, offset + length - start));
        parts.push(piece);
        at += piece.byteLength;
      }
      if (at < offset + length) return undefined;
      return parts.length === 1 ? parts[0] : Buffer.concat(parts);
    },
  };
}
