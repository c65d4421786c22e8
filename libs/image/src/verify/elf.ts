/** The bytes of a file of which only some parts may be at hand. */
export interface FileBytes {
  /** Bytes of the whole file. */
  readonly size: number;
  /** A part of it; undefined when it lies outside of the file or was not kept. */
  read(offset: number, length: number): Buffer | undefined;
}

/** What an ELF file says of itself (System V ABI, "Object Files" and "Program Loading and Dynamic Linking"). */
export interface Elf {
  bits: 32 | 64;
  order: 'little' | 'big';
  /** `e_machine`. */
  machine: number;
  /** `e_type`: 2 is a program, 3 a library or a program that can lie anywhere. */
  type: number;
  /** PT_INTERP: the dynamic loader that the kernel starts in its place. */
  interpreter?: string;
  /** DT_NEEDED, in order. */
  needed: string[];
  soname?: string;
  /** DT_RPATH and DT_RUNPATH, taken apart at the colons. */
  rpath: string[];
  runpath: string[];
  /** Why what lies behind the file header could not be used; then the fields that come from there are empty. */
  problem?: string;
  /** The problem is ours: what is needed lies in a part of the file that was not kept. */
  unseen?: true;
}

const MAGIC = Buffer.from('\x7fELF', 'latin1');
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_STRSZ = 10;
const DT_SONAME = 14;
const DT_RPATH = 15;
const DT_RUNPATH = 29;

const MOST_SEGMENTS = 1024;
const MOST_DYNAMIC = 16_384;
const MOST_NEEDED = 1024;
const LONGEST_TEXT = 16_384;

/** Whether bytes begin like an ELF file. */
export function looksLikeElf(start: Uint8Array): boolean {
  return start.byteLength >= 4 && MAGIC.equals(start.subarray(0, 4));
}

/**
 * Reads what the kernel and the dynamic loader would read of an ELF file; undefined when it is none.
 *
 * Every count and length is bounded and every offset checked, so a hostile file costs no more than an honest one: it
 * gives `problem`, and never throws.
 */
export function parseElf(file: FileBytes): Elf | undefined {
  const start = file.read(0, 20);
  if (start === undefined || !looksLikeElf(start)) return undefined;
  const bits = start[4] === 1 ? 32 : 64;
  const order = start[5] === 2 ? 'big' : 'little';
  const number = numbers(order, bits);
  const elf: Elf = {
    bits,
    order,
    type: number.half(start, 16),
    machine: number.half(start, 18),
    needed: [],
    rpath: [],
    runpath: [],
  };
  try {
    if (start[4] !== 1 && start[4] !== 2) throw new Broken(`its class is ${start[4]}, not 1 or 2`);
    if (start[5] !== 1 && start[5] !== 2) throw new Broken(`its byte order is ${start[5]}, not 1 or 2`);
    const segments = readSegments(file, bits, number);
    const interpreter = readInterpreter(file, segments);
    if (interpreter !== undefined) elf.interpreter = interpreter;
    readDynamic(file, elf, segments, number);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const { machine, type } = elf;
    const nothing: Elf = { bits, order, machine, type, needed: [], rpath: [], runpath: [], problem: error.message };
    return error instanceof Unseen ? { ...nothing, unseen: true } : nothing;
  }
  return elf;
}

/** Where in the file the dynamic section and the interpreter's name are, as the file header tells: to keep these parts. */
export function elfRanges(file: FileBytes): { offset: number; length: number }[] {
  const start = file.read(0, 20);
  if (start === undefined || !looksLikeElf(start)) return [];
  const bits = start[4] === 1 ? 32 : 64;
  try {
    return readSegments(file, bits, numbers(start[5] === 2 ? 'big' : 'little', bits))
      .filter(({ type }) => type === PT_DYNAMIC || type === PT_INTERP)
      .map(({ offset, size }) => ({ offset, length: Math.min(size, MOST_DYNAMIC * 16) }));
  } catch (error) {
    if (error instanceof Broken) return [];
    throw error;
  }
}

class Broken extends Error {}
class Unseen extends Broken {}

interface Segment {
  type: number;
  offset: number;
  address: number;
  size: number;
}

interface Numbers {
  half(bytes: Buffer, at: number): number;
  word(bytes: Buffer, at: number): number;
  /** An address or offset: 4 or 8 bytes. Past the numbers that JavaScript carries exactly it is broken. */
  far(bytes: Buffer, at: number): number;
}

function numbers(order: Elf['order'], bits: Elf['bits']): Numbers {
  const little = order === 'little';
  const half = (bytes: Buffer, at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const word = (bytes: Buffer, at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  return {
    half,
    word,
    far(bytes, at) {
      if (bits === 32) return word(bytes, at);
      const value = little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at);
      if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Broken(`it names the offset ${value}`);
      return Number(value);
    },
  };
}

function readSegments(file: FileBytes, bits: Elf['bits'], number: Numbers): Segment[] {
  const header = part(file, 0, bits === 64 ? 64 : 52, 'its file header');
  const offset = number.far(header, bits === 64 ? 32 : 28);
  const entry = number.half(header, bits === 64 ? 54 : 42);
  const count = number.half(header, bits === 64 ? 56 : 44);
  if (count === 0) return [];
  if (count > MOST_SEGMENTS) throw new Broken(`it names ${count} program headers`);
  const expected = bits === 64 ? 56 : 32;
  if (entry !== expected) throw new Broken(`its program headers have ${entry} bytes each, not ${expected}`);
  const table = part(file, offset, count * entry, 'its program headers');
  return Array.from({ length: count }, (_, i): Segment => {
    const at = i * entry;
    // Addresses of segments that matter to nobody here may be anything, so only those that do are read.
    const type = number.word(table, at);
    if (type !== PT_LOAD && type !== PT_DYNAMIC && type !== PT_INTERP) return { type, offset: 0, address: 0, size: 0 };
    const [off, address, size] = bits === 64 ? [8, 16, 32] : [4, 8, 16];
    return {
      type,
      offset: number.far(table, at + off),
      address: number.far(table, at + address),
      size: number.far(table, at + size),
    };
  });
}

function readInterpreter(file: FileBytes, segments: readonly Segment[]): string | undefined {
  const segment = segments.find(({ type }) => type === PT_INTERP);
  if (segment === undefined) return undefined;
  // The kernel takes at most PATH_MAX.
  if (segment.size > 4096) throw new Broken(`the name of its interpreter has ${segment.size} bytes`);
  return textAt(part(file, segment.offset, segment.size, 'the name of its interpreter'), 0, 'its interpreter');
}

function readDynamic(file: FileBytes, elf: Elf, segments: readonly Segment[], number: Numbers): void {
  const segment = segments.find(({ type }) => type === PT_DYNAMIC);
  if (segment === undefined || segment.size === 0) return;
  const step = elf.bits === 64 ? 16 : 8;
  const length = Math.min(segment.size, MOST_DYNAMIC * step);
  const table = part(file, segment.offset, length - (length % step), 'its dynamic section');
  const wanted: { tag: number; value: number }[] = [];
  let strings: number | undefined;
  let stringsSize = 0;
  for (let at = 0; at + step <= table.byteLength; at += step) {
    const tag = elf.bits === 64 ? wideTag(table, at, elf.order) : number.word(table, at);
    if (tag === 0) break;
    if (![DT_NEEDED, DT_STRTAB, DT_STRSZ, DT_SONAME, DT_RPATH, DT_RUNPATH].includes(tag)) continue;
    const value = number.far(table, at + step / 2);
    if (tag === DT_STRTAB) strings = value;
    else if (tag === DT_STRSZ) stringsSize = value;
    else wanted.push({ tag, value });
  }
  if (wanted.length === 0) return;
  if (wanted.length > MOST_NEEDED) throw new Broken(`its dynamic section names ${wanted.length} libraries and paths`);
  if (strings === undefined) throw new Broken('its dynamic section has no table of names');
  const from = fileOffset(strings, segments);
  for (const { tag, value } of wanted) {
    if (value >= stringsSize) throw new Broken('its dynamic section points behind its table of names');
    const text = textAt(
      part(file, from + value, Math.min(LONGEST_TEXT, stringsSize - value, file.size - from - value), 'a name'),
      0,
      'a name in its dynamic section',
    );
    if (tag === DT_NEEDED) elf.needed.push(text);
    else if (tag === DT_SONAME) elf.soname = text;
    else (tag === DT_RPATH ? elf.rpath : elf.runpath).push(...text.split(':').filter((dir) => dir !== ''));
  }
}

// Tags that do not fit are none of those wanted here.
function wideTag(table: Buffer, at: number, order: Elf['order']): number {
  const tag = order === 'little' ? table.readBigUInt64LE(at) : table.readBigUInt64BE(at);
  return tag > 0xffff_ffffn ? -1 : Number(tag);
}

function fileOffset(address: number, segments: readonly Segment[]): number {
  const load = segments.find(
    (segment) => segment.type === PT_LOAD && address >= segment.address && address < segment.address + segment.size,
  );
  if (load === undefined) throw new Broken('its table of names lies in no segment');
  return address - load.address + load.offset;
}

function part(file: FileBytes, offset: number, length: number, what: string): Buffer {
  if (offset + length > file.size || length < 0) throw new Broken(`${what} would lie behind its end`);
  const bytes = file.read(offset, length);
  if (bytes === undefined) throw new Unseen(`${what} lies in a part of the file that was not kept`);
  return bytes;
}

function textAt(bytes: Buffer, at: number, what: string): string {
  const end = bytes.indexOf(0, at);
  if (end < 0) throw new Broken(`${what} has no end`);
  // Paths are bytes; Latin-1 would not find a name in UTF-8, which is what archives hold.
  return bytes.toString('utf8', at, end);
}

/** What an ELF file must be to run on an architecture (as images name it); undefined when that is not known here. */
export function elfExpectation(
  architecture: string,
): { bits: 32 | 64; order: Elf['order']; machine: number } | undefined {
  return MACHINES[architecture];
}

/** Whether an ELF file is for an architecture; undefined when nobody knows. */
export function runsOn(elf: Elf, architecture: string): boolean | undefined {
  const wanted = MACHINES[architecture];
  if (wanted === undefined) return undefined;
  return elf.machine === wanted.machine && elf.bits === wanted.bits && elf.order === wanted.order;
}

/** The architecture of an ELF file as images name it, else its number. */
export function elfArchitecture(elf: Elf): string {
  const found = Object.keys(MACHINES).find((architecture) => runsOn(elf, architecture) === true);
  return found ?? `machine ${elf.machine} (${elf.bits} bits, ${elf.order} endian)`;
}

const machine = (number: number, bits: 32 | 64, order: Elf['order'] = 'little') => ({ machine: number, bits, order });

// e_machine numbers: System V ABI, and the registry at its keeper's.
const MACHINES: Readonly<Record<string, ReturnType<typeof machine> | undefined>> = {
  amd64: machine(62, 64),
  arm64: machine(183, 64),
  arm: machine(40, 32),
  '386': machine(3, 32),
  riscv64: machine(243, 64),
  ppc64le: machine(21, 64),
  ppc64: machine(21, 64, 'big'),
  s390x: machine(22, 64, 'big'),
  loong64: machine(258, 64),
  mips: machine(8, 32, 'big'),
  mipsle: machine(8, 32),
  mips64: machine(8, 64, 'big'),
  mips64le: machine(8, 64),
};
