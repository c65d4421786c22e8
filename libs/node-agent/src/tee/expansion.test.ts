import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import {
  createExpansion,
  createKernelExpansion,
  createScriptExpansion,
  expandedBound,
  LONGEST_INPUT,
  OUTPUT_SIZE,
} from './expansion.ts';

afterEach(() => vi.unstubAllGlobals());

const kernel = createKernelExpansion() ?? expect.fail('no WebAssembly here');
const script = createScriptExpansion();

test('kernel and script give the same bytes and touch nothing before them', () => {
  const input = fc
    .array(
      fc.oneof(
        fc.nat(100).map((n) => 'x'.repeat(n)),
        fc.constantFrom('\n', '\n\n', 'ÿ'),
      ),
      { maxLength: 150 },
    )
    .map((parts) => Buffer.from(parts.join(''), 'latin1').subarray(0, LONGEST_INPUT));
  const prefix = fc.string({ unit: 'grapheme-ascii', maxLength: 32 });
  fc.assert(
    fc.property(input, prefix, fc.nat(1000), (bytes, text, at) => {
      const before = kernel.output.toString('latin1', 0, at);
      const end = kernel.expand(bytes, text, at);
      const expected = bytes.toString('latin1').split('\n').join(`\n${text}`);
      expect(kernel.output.toString('latin1', at, end)).toBe(expected);
      expect(kernel.output.toString('latin1', 0, at)).toBe(before);
      expect(script.expand(bytes, text, at)).toBe(end);
      expect(script.output.toString('latin1', at, end)).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

test('the longest input of nothing but newlines fits behind what leaves just room for it', () => {
  const bytes = Buffer.alloc(LONGEST_INPUT, 10);
  const at = OUTPUT_SIZE - expandedBound(LONGEST_INPUT);
  for (const expansion of [kernel, script])
    expect(expansion.expand(bytes, 'p'.repeat(32), at) - at).toBe(33 * LONGEST_INPUT);
});

test('without WebAssembly the script does the work', () => {
  vi.stubGlobal('WebAssembly', undefined);
  expect(createKernelExpansion()).toBeUndefined();
  const expansion = createExpansion();
  const end = expansion.expand(Buffer.from('a\nb'), '> ', 0);
  expect(expansion.output.toString('latin1', 0, end)).toBe('a\n> b');
});
