import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePaths, displayPath, pathBytes, pathText } from './path-text.ts';

// Pieces of UTF-8 side by side with bytes that are none.
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.constantFrom('a', '/', 'é', '€', '😀', '\uffff', '\n').map((text) => new Uint8Array(Buffer.from(text))),
      fc
        .constantFrom([0xed, 0xa0, 0x80], [0xc3], [0xf0, 0x9f], [0xff], [0xc0, 0x80])
        .map((list) => new Uint8Array(list)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => Buffer.concat(parts));

describe('pathText', () => {
  it('is UTF-8 where the bytes are', () => {
    expect(pathText(Buffer.from('a/ü/😀'))).toBe('a/ü/😀');
    expect(pathText(Buffer.from('\ufeffa'))).toBe('\ufeffa');
  });

  it('keeps other bytes as lone surrogates, one each', () => {
    expect(pathText(Buffer.from([0x61, 0xff, 0xc3, 0xa9, 0xc3]))).toBe('a\udcffé\udcc3');
    // A surrogate in UTF-8 is no UTF-8.
    expect(pathText(Buffer.from([0xed, 0xb2, 0x80]))).toBe('\udced\udcb2\udc80');
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(bytes, (one) => {
        expect(pathBytes(pathText(one)).equals(one)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives different text for different bytes', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(pathText(a) === pathText(b)).toBe(a.equals(b));
      }),
    );
  });
});

describe('pathBytes', () => {
  it('refuses a surrogate that stands for no byte', () => {
    expect(() => pathBytes('a\ud800b')).toThrow('lone surrogate');
    expect(() => pathBytes('\udc41')).toThrow('lone surrogate');
  });
});

describe('comparePaths', () => {
  it('orders as the bytes do', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(comparePaths(pathText(a), pathText(b)))).toBe(Math.sign(Buffer.compare(a, b)));
      }),
      { numRuns: 2000 },
    );
    // UTF-16 has these the other way round.
    expect(comparePaths('\uffee', '😀')).toBeLessThan(0);
  });
});

describe('displayPath', () => {
  it('quotes what would disturb a line, as git does', () => {
    expect(displayPath('a b/ü"')).toBe('a b/ü"');
    expect(displayPath('a\n"\\\x01')).toBe('"a\\n\\"\\\\\\001"');
    expect(displayPath(pathText(Buffer.from([0x61, 0xff])))).toBe('"a\\377"');
  });
});
