/** How a hexdump is drawn. */
export interface HexdumpOptions {
  /** Offset of the first byte, as it is printed. */
  offset?: number;
  /** Bytes per line (16). */
  width?: number;
  /** Index into the bytes of one that gets brackets: `68[e2]82`. */
  mark?: number;
}

/** Bytes in lines of offset, hexadecimal numbers and ASCII, in the manner of `hexdump -C`; plain ASCII whatever they are. */
export function hexdump(bytes: Uint8Array, { offset = 0, width = 16, mark }: HexdumpOptions = {}): string[] {
  const lines: string[] = [];
  // Lines begin at multiples of their width, so that two sides of a comparison stand alike.
  const lead = offset % width;
  for (let start = -lead; start < bytes.length; start += width) {
    let numbers = '';
    let text = '';
    for (let i = start; i < start + width; i += 1) {
      const byte = i < 0 ? undefined : bytes[i];
      const before = i === mark ? '[' : i > start && i - 1 === mark ? ']' : ' ';
      numbers += `${before}${byte === undefined ? '  ' : byte.toString(16).padStart(2, '0')}`;
      text += byte === undefined ? ' ' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
    }
    numbers += mark === start + width - 1 ? ']' : ' ';
    lines.push(`${(offset + start).toString(16).padStart(8, '0')} ${numbers} |${text}|`);
  }
  return lines;
}
