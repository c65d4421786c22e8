import { createKernel } from './kernel.ts';

/** Copies bytes to its output and puts a prefix behind every newline (contract, section 11; T7). */
export interface Expansion {
  /** Where the expanded text is put. */
  output: Buffer;
  /**
   * Copies `bytes` (at most {@link LONGEST_INPUT}) to `output` at `at`, each newline followed by `prefix`, and gives the
   * offset behind the text. `prefix` is ASCII and at most {@link LONGEST_PREFIX}. The output must have room for
   * {@link expandedBound} bytes.
   */
  expand(bytes: Uint8Array, prefix: string, at: number): number;
}

/** The most bytes that one call takes. */
export const LONGEST_INPUT = 8192;
/** The most characters of a prefix: label, local time with six digits, blank. */
export const LONGEST_PREFIX = 32;
/** Size of an output: room for a whole pipe of ordinary lines, and for one input of nothing but newlines behind it. */
export const OUTPUT_SIZE = 640 * 1024;

/** The most bytes that `length` bytes become, with the slack that a copy in blocks of 16 needs. */
export function expandedBound(length: number): number {
  return length * (1 + LONGEST_PREFIX) + 64;
}

/** The fast way where this Node has WebAssembly with SIMD, else {@link createScriptExpansion}. */
export function createExpansion(): Expansion {
  return createKernelExpansion() ?? createScriptExpansion();
}

/** The plain way, in JavaScript: what {@link createKernelExpansion} is tested against. */
export function createScriptExpansion(): Expansion {
  const output = Buffer.allocUnsafeSlow(OUTPUT_SIZE);
  return {
    output,
    expand(bytes, prefix, at) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
      return at + output.write(text.split('\n').join(`\n${prefix}`), at, 'latin1');
    },
  };
}

/**
 * The fast way, over a kernel of WebAssembly: a third of the CPU and no garbage, which a step that prints gigabytes would
 * otherwise pay for with memory. Undefined where there is none (`--jitless`, no SIMD, too little address space).
 */
export function createKernelExpansion(): Expansion | undefined {
  const inputAt = LONGEST_PREFIX;
  const outputAt = inputAt + LONGEST_INPUT + 32;
  const kernel = createKernel(outputAt + OUTPUT_SIZE);
  if (kernel === undefined) return undefined;
  const memory = Buffer.from(kernel.memory);
  return {
    output: memory.subarray(outputAt, outputAt + OUTPUT_SIZE),
    expand(bytes, prefix, at) {
      memory.write(prefix, 0, 'latin1');
      memory.set(bytes, inputAt);
      return kernel.expand(inputAt, inputAt + bytes.length, outputAt + at, 0, prefix.length) - outputAt;
    },
  };
}
