/** A function of WebAssembly and the memory that it works on. */
export interface Kernel {
  memory: ArrayBuffer;
  /**
   * Copies the bytes from `source` to `end` to `target`, and behind each newline the `length` (at most 32) bytes at
   * `prefix`; gives the address behind the last byte. May read and write up to 32 bytes too far.
   */
  expand(source: number, end: number, target: number, prefix: number, length: number): number;
}

// What is used of WebAssembly's own interface; Node's types do not have it.
declare const WebAssembly: {
  Memory: new (size: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object, imports: object) => { exports: Record<string, unknown> };
};

/** The kernel with at least `size` bytes of memory, or undefined where this Node cannot run it. */
export function createKernel(size: number): Kernel | undefined {
  try {
    const pages = Math.ceil(size / 65536);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assembleKernel()), { host: { memory } });
    const { expand } = exports;
    if (typeof expand !== 'function') return undefined;
    return { memory: memory.buffer, expand: (...words) => Number(expand(...words)) };
  } catch {
    // No WebAssembly, no SIMD or no address space: the way without a kernel does the same.
    return undefined;
  }
}

// Instructions, by their names in the WebAssembly specification (core 2.0, section 5.4, with SIMD).
const BLOCK = [0x02, 0x40];
const LOOP = [0x03, 0x40];
const IF = [0x04, 0x40];
const ELSE = [0x05];
const END = [0x0b];
const br = (depth: number): number[] => [0x0c, depth];
const brIf = (depth: number): number[] => [0x0d, depth];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const tee = (local: number): number[] => [0x22, local];
const SELECT = [0x1b];
const i32 = (value: number): number[] => [0x41, value];
const LESS = [0x49];
const NOT_LESS = [0x4f];
const TRAILING_ZEROS = [0x68];
const ADD = [0x6a];
const SUBTRACT = [0x6b];
const load16 = (offset: number): number[] => [0xfd, 0x00, 0, offset];
const store16 = (offset: number): number[] => [0xfd, 0x0b, 0, offset];
const SPLAT_BYTE = [0xfd, 0x0f];
const EQUAL_BYTES = [0xfd, 0x23];
const BITMASK_BYTES = [0xfd, 0x64];

const I32 = 0x7f;
const V128 = 0x7b;
const NEWLINE = 10;

/** The bytes of the module: imports `host.memory`, exports `expand`. */
export function assembleKernel(): Uint8Array<ArrayBuffer> {
  const [source, end, target, prefix, length] = [0, 1, 2, 3, 4] as const;
  const [count, found, block, head, tail] = [5, 6, 7, 8, 9] as const;
  const advance = (local: number, by: number[]): number[] => [...get(local), ...by, ...ADD, ...set(local)];
  const code = [
    // The prefix stays in two registers.
    ...[...get(prefix), ...load16(0), ...set(head), ...get(prefix), ...load16(16), ...set(tail)],
    ...[...BLOCK, ...LOOP],
    ...[...get(source), ...get(end), ...NOT_LESS, ...brIf(1)],
    // Copy 16 bytes, and find the first newline among them.
    ...[...get(target), ...get(source), ...load16(0), ...tee(block), ...store16(0)],
    ...[...get(block), ...i32(NEWLINE), ...SPLAT_BYTE, ...EQUAL_BYTES, ...BITMASK_BYTES],
    ...[...TRAILING_ZEROS, ...set(found)],
    // How many of the 16 belong to the input.
    ...[...get(end), ...get(source), ...SUBTRACT, ...tee(count)],
    ...[...i32(16), ...get(count), ...i32(16), ...LESS, ...SELECT, ...set(count)],
    ...[...get(found), ...get(count), ...NOT_LESS, ...IF],
    ...[...advance(source, get(count)), ...advance(target, get(count))],
    ...ELSE,
    // Go on behind the newline; what was copied from there on is overwritten by the prefix.
    ...[...get(found), ...i32(1), ...ADD, ...set(found)],
    ...[...advance(source, get(found)), ...advance(target, get(found))],
    ...[...get(target), ...get(head), ...store16(0), ...get(target), ...get(tail), ...store16(16)],
    ...advance(target, get(length)),
    ...END,
    ...[...br(0), ...END, ...END],
    ...[...get(target), ...END],
  ];
  const locals = [2, 2, I32, 3, V128];
  const body = [...locals, ...code];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 1, I32]),
    ...section(2, [1, ...name('host'), ...name('memory'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('expand'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text, 'latin1')];
}

/** LEB128 of a number below 16384. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, value >> 7];
}
