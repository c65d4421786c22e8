/** A file as {@link writeElf} makes it. */
export interface ElfSpec {
  machine?: number;
  bits?: 32 | 64;
  order?: 'little' | 'big';
  interpreter?: string;
  needed?: string[];
  soname?: string;
  rpath?: string;
  runpath?: string;
  /** Bytes between the names and the dynamic section, which then lies that far behind. */
  gap?: number;
  /** Bytes behind everything. */
  tail?: number;
}

/** e_machine of the architectures that tests use. */
export const MACHINE = { amd64: 62, arm64: 183, s390x: 22, '386': 3 };

/** Writes an ELF file that loads nothing but says what the spec says; for tests, so that none needs a compiler. */
export function writeElf(spec: ElfSpec = {}): Buffer {
  const { machine = MACHINE.amd64, bits = 64, order = 'little', interpreter, needed = [], gap = 0, tail = 0 } = spec;
  const wide = bits === 64;
  const half = (value: number): Buffer => sized(2, value, order);
  const word = (value: number): Buffer => sized(4, value, order);
  const far = (value: number): Buffer => (wide ? sized(8, value, order) : word(value));

  const strings: Buffer[] = [Buffer.from([0])];
  const name = (text: string): number => {
    const at = Buffer.concat(strings).byteLength;
    strings.push(Buffer.from(`${text}\0`));
    return at;
  };
  const named: [tag: number, value: number][] = needed.map((text) => [1, name(text)]);
  if (spec.soname !== undefined) named.push([14, name(spec.soname)]);
  if (spec.rpath !== undefined) named.push([15, name(spec.rpath)]);
  if (spec.runpath !== undefined) named.push([29, name(spec.runpath)]);
  const isDynamic = named.length > 0 || interpreter !== undefined;

  const [headerSize, segmentSize] = wide ? [64, 56] : [52, 32];
  const count = 1 + (interpreter === undefined ? 0 : 1) + (isDynamic ? 1 : 0);
  const interpreterBytes = Buffer.from(interpreter === undefined ? '' : `${interpreter}\0`);
  const interpreterAt = headerSize + count * segmentSize;
  const stringsAt = interpreterAt + interpreterBytes.byteLength;
  const table = Buffer.concat(strings);
  const dynamicAt = stringsAt + table.byteLength + gap;
  const base = 0x10000;
  const entries: [number, number][] = [...named, [5, base + stringsAt], [10, table.byteLength], [0, 0]];
  const dynamic = isDynamic
    ? Buffer.concat(entries.flatMap(([tag, value]) => [far(tag), far(value)]))
    : Buffer.alloc(0);
  const size = dynamicAt + dynamic.byteLength + tail;

  const segment = (type: number, offset: number, length: number): Buffer =>
    Buffer.concat(
      wide
        ? [
            word(type),
            word(5),
            far(offset),
            far(base + offset),
            far(base + offset),
            far(length),
            far(length),
            far(4096),
          ]
        : [
            word(type),
            word(offset),
            word(base + offset),
            word(base + offset),
            word(length),
            word(length),
            word(5),
            word(4096),
          ],
    );
  const ident = Buffer.from([
    0x7f,
    0x45,
    0x4c,
    0x46,
    wide ? 2 : 1,
    order === 'little' ? 1 : 2,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
  const header = Buffer.concat([
    ident,
    half(3),
    half(machine),
    word(1),
    far(base),
    far(headerSize),
    far(0),
    word(0),
    ...[headerSize, segmentSize, count, 0, 0, 0].map(half),
  ]);
  const segments = [segment(1, 0, size)];
  if (interpreter !== undefined) segments.push(segment(3, interpreterAt, interpreterBytes.byteLength));
  if (isDynamic) segments.push(segment(2, dynamicAt, dynamic.byteLength));
  return Buffer.concat([header, ...segments, interpreterBytes, table, Buffer.alloc(gap), dynamic, Buffer.alloc(tail)]);
}

function sized(bytes: 2 | 4 | 8, value: number, order: 'little' | 'big'): Buffer {
  const out = Buffer.alloc(bytes);
  if (bytes === 8) order === 'little' ? out.writeBigUInt64LE(BigInt(value)) : out.writeBigUInt64BE(BigInt(value));
  else if (order === 'little') out.writeUIntLE(value, 0, bytes);
  else out.writeUIntBE(value, 0, bytes);
  return out;
}

/** A program of no more than a few instructions that prints nothing and ends with 0; for linux/amd64. */
export function exitProgram(code = 0): Buffer {
  // mov edi, code; mov eax, 60 (exit); syscall
  const instructions = Buffer.from([0xbf, code, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05]);
  const elf = writeElf({ tail: instructions.byteLength });
  instructions.copy(elf, elf.byteLength - instructions.byteLength);
  // A program at a fixed address that starts at these instructions.
  elf.writeUInt16LE(2, 16);
  elf.writeBigUInt64LE(BigInt(0x10000 + elf.byteLength - instructions.byteLength), 24);
  return elf;
}
