import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeBytes, visibleBytes } from './visible-bytes.ts';

/** Bytes that are mostly text with something wrong in it. */
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.string({ unit: 'binary', maxLength: 4 }).map((text) => Buffer.from(text.toWellFormed())),
      fc
        .constantFrom('\ufffd', 'a b', '\r\n', '\t', '\0', '\x1b[2J', '·→␍␊␀', '\\', '\ufeff', '\u202e', 'é€😀')
        .map((text) => Buffer.from(text)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => Buffer.concat(parts));

/** Reads the escapes back. */
function readBack(text: string): Buffer {
  const simple: Readonly<Record<string, number>> = { '\\': 0x5c, n: 0x0a, r: 0x0d, t: 0x09, '0': 0 };
  const parts: Buffer[] = [];
  for (const [token, code, point, one] of text.matchAll(/\\x([0-9a-f]{2})|\\u\{([0-9a-f]+)\}|\\([\\nrt0])|[^\\]/gsu)) {
    if (code !== undefined) parts.push(Buffer.from([Number.parseInt(code, 16)]));
    else if (point !== undefined) parts.push(Buffer.from(String.fromCodePoint(Number.parseInt(point, 16))));
    else if (one !== undefined) parts.push(Buffer.from([simple[one] ?? 0]));
    else parts.push(Buffer.from(token));
  }
  return Buffer.concat(parts);
}

describe('visible bytes', () => {
  test('every byte is in one piece, in order', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        let at = 0;
        for (const piece of visibleBytes(given)) {
          expect(piece.at).toBe(at);
          expect(piece.length).toBeGreaterThan(0);
          at += piece.length;
        }
        expect(at).toBe(given.length);
      }),
    );
  });

  test('different bytes never look the same, and nothing moves a cursor', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        const text = escapeBytes(given);
        expect(readBack(text)).toEqual(given);
        expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u);
      }),
    );
  });

  test('bytes are invalid exactly where a strict decoder says so', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
        for (const piece of visibleBytes(given)) {
          const own = given.subarray(piece.at, piece.at + piece.length);
          if (piece.kind === 'invalid') expect(() => strict.decode(own)).toThrow();
          else expect(() => strict.decode(own)).not.toThrow();
        }
      }),
    );
  });

  test('a real U+FFFD is not a byte that is no UTF-8', () => {
    const kinds = visibleBytes(Buffer.from('a\ufffd\xc3')).map(({ kind }) => kind);
    expect(kinds).toEqual(['text', 'replacement', 'text']);
    expect(visibleBytes(Buffer.from([0x61, 0xc3, 0x28])).map(({ kind }) => kind)).toEqual(['text', 'invalid', 'text']);
  });

  test('each kind has its escape', () => {
    const given = Buffer.concat([Buffer.from('a \t\r\n\0\\\x1b\u202e\ufffd·'), Buffer.from([0xff])]);
    expect(escapeBytes(given)).toBe('a \\t\\r\\n\\0\\\\\\x1b\\u{202e}\\u{fffd}\\u{b7}\\xff');
  });
});
