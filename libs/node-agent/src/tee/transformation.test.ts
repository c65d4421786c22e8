import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createKernelExpansion, createScriptExpansion, type Expansion } from './expansion.ts';
import { createTransformation, type Label } from './transformation.ts';

const ways: [string, () => Expansion][] = [
  ['kernel', () => createKernelExpansion() ?? expect.fail('no WebAssembly here')],
  ['script', createScriptExpansion],
];

/** Section 11 as it is written down: one chunk after the other, as text. */
function reference(reads: readonly Uint8Array[], label: Label, limit: number, stamp: () => string): Buffer {
  let all = '';
  let first = true;
  for (const read of reads) {
    for (let at = 0; at < read.length; at += limit) {
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(read.subarray(at, at + limit));
      const prefix = `${label}${stamp()} `;
      all += (first ? prefix : '') + text.split('\n').join(`\n${prefix}`);
      first = false;
    }
  }
  return Buffer.from(all);
}

/** Another time for each chunk; the shortest form and the longest take turns (T5). */
function counter(): () => string {
  let n = 0;
  return () => {
    n += 1;
    const second = `2026-01-02T03:04:${String(n % 60).padStart(2, '0')}`;
    return n % 3 === 0 ? second : `${second}.${String(n).padStart(6, '0')}`;
  };
}

function transformed(reads: readonly Uint8Array[], limit: number, expansion: Expansion, label: Label = '[out]') {
  const transform = createTransformation({ label, limit, stamp: counter(), expansion });
  const pieces: Buffer[] = [];
  let calls = 0;
  for (const read of reads) {
    transform(read, (text) => {
      pieces.push(Buffer.from(text));
      calls += 1;
    });
  }
  return { bytes: Buffer.concat(pieces), calls };
}

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .constantFrom('\n', '\n\n\n', 'a', 'é', '€', '😀', '\ufeff', '\r\n', '\0', 'a line of some length\n')
    .map((text) => Buffer.from(text)),
  fc
    .constantFrom('eda080', 'f48fbfbf', 'f4908080', 'c080', 'e28a', 'f09f98', 'ff', '80')
    .map((hex) => Buffer.from(hex, 'hex')),
  fc.tuple(fc.nat(20_000), fc.constantFrom(0x0a, 0x78, 0xe2, 0xff)).map(([length, byte]) => Buffer.alloc(length, byte)),
);
const read = fc.array(piece, { minLength: 1, maxLength: 30 }).map((parts) => Buffer.concat(parts));
const limits = fc.oneof(
  fc.integer({ min: 1, max: 70 }),
  fc.constantFrom(8191, 8192, 8193, 100_000, Number.POSITIVE_INFINITY),
);

describe.each(ways)('%s', (_, create) => {
  const expansion = create();

  test('any bytes, cut anywhere, with any limit, become what section 11 says', () => {
    fc.assert(
      fc.property(
        fc.array(read, { maxLength: 4 }),
        limits,
        fc.constantFrom('[out]', '[err]'),
        (reads, limit, label) => {
          const { bytes } = transformed(reads, limit, expansion, label);
          expect(bytes.equals(reference(reads, label, limit, counter()))).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('a pipe full of newlines with limit 1 comes in pieces that are bounded, and whole', () => {
    const reads = [Buffer.alloc(262_144, 0x0a)];
    const { bytes } = transformed(reads, 1, expansion);
    expect(bytes.equals(reference(reads, '[out]', 1, counter()))).toBe(true);
  });

  test('what one read of ordinary lines gave goes out in one piece', () => {
    const reads = [Buffer.from(`${'x'.repeat(79)}\n`.repeat(819))];
    expect(transformed(reads, 8192, expansion).calls).toBe(1);
  });

  test('no bytes make nothing, not even a prefix', () => {
    expect(transformed([new Uint8Array(0)], 8192, expansion)).toEqual({ bytes: Buffer.alloc(0), calls: 0 });
  });
});

test('two streams share one expansion without a trace of each other', () => {
  const expansion = createScriptExpansion();
  const stamp = (): string => 'T';
  const out = createTransformation({ label: '[out]', limit: 8192, stamp, expansion });
  const err = createTransformation({ label: '[err]', limit: 8192, stamp, expansion });
  let got = '';
  const emit = (text: Uint8Array): void => {
    got += Buffer.from(text).toString();
  };
  out(Buffer.from('o1\n'), emit);
  err(Buffer.from('e1\n'), emit);
  out(Buffer.from('o2'), emit);
  expect(got).toBe('[out]T o1\n[out]T [err]T e1\n[err]T o2');
});
