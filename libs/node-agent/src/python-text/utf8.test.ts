import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeReplace, decodeUtf8, encodeUtf8, replaceIllFormed } from './index.ts';
import { findUtf8Fault } from './utf8-faults.ts';

// One chunk of the recording, and what stood in the log without its prefixes.
const RECORDED =
  'Qf9C/v1DCsCvRArBvwrggIBFCu2ggEYK7bCACvSQgIBHCvWAgIAK+IiAgIAKgL9ICuKCSQriKKEK8J+YSgrwn0EK8EEK8CiMvArwkCi8CsMK4YDi8JGS8b9BCvCAgIAK4J+/CvCPv78K77+/77++Cg==';
const LOGGED = `A?B??C
??D
??
???E
???F
???
????G
????
?????
??H
?I
?(?
?J
?A
?A
?(??
?(?
?
????A
????
???
????
\uffff\ufffe
`.replaceAll('?', '\ufffd');

test('every class of ill-formed bytes (recording tee-invalid-utf8)', () => {
  const bytes = Buffer.from(RECORDED, 'base64');
  expect(decodeReplace(bytes)).toBe(LOGGED);
  expect(replaceIllFormed(bytes)).toEqual(Buffer.from(LOGGED));
});

test('a character cut by a chunk (contract, section 11)', () => {
  const replaced = (text: string, cut: number): number => {
    const bytes = Buffer.from(text);
    return [...decodeReplace(bytes.subarray(0, cut)), ...decodeReplace(bytes.subarray(cut))].length;
  };
  expect([replaced('é', 1), replaced('€', 2), replaced('€', 1)]).toEqual([2, 2, 3]);
  expect([replaced('😀', 1), replaced('😀', 2), replaced('😀', 3)]).toEqual([4, 3, 2]);
});

test('a byte order mark stays', () => {
  const bytes = Buffer.from('\ufeffa\ufeff');
  expect(decodeReplace(bytes)).toBe('\ufeffa\ufeff');
  expect(decodeUtf8(bytes)).toBe('\ufeffa\ufeff');
  expect(replaceIllFormed(Buffer.concat([bytes, Buffer.of(0xff)]))).toEqual(Buffer.from('\ufeffa\ufeff\ufffd'));
});

test('well-formed bytes are not copied', () => {
  const bytes = new Uint8Array(Buffer.from('-é\0\n-')).subarray(1, 5);
  const same = replaceIllFormed(bytes);
  expect(same.toString()).toBe('é\0\n');
  expect(same.buffer).toBe(bytes.buffer);
});

test('the rule is that of the WHATWG decoder without its byte order mark', () => {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const byte = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0x80, 0xbf, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0xbb),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 40 }), (list) => {
      const bytes = Uint8Array.from(list);
      expect(decodeReplace(bytes)).toBe(decoder.decode(bytes));
      expect(findUtf8Fault(bytes, 0) === undefined).toBe(!decoder.decode(bytes).includes('\ufffd') || hasReal(bytes));
    }),
    { numRuns: 2_000 },
  );
  function hasReal(bytes: Uint8Array): boolean {
    return Buffer.from(decoder.decode(bytes)).equals(bytes);
  }
});

test('strict reading says where and why', () => {
  const refused = (hex: string) => () => decodeUtf8(Buffer.from(hex, 'hex'));
  expect(refused('41ff')).toThrow("'utf-8' codec can't decode byte 0xff in position 1: invalid start byte");
  expect(refused('c3a9e282')).toThrow("'utf-8' codec can't decode bytes in position 2-3: unexpected end of data");
  expect(refused('e228')).toThrow("'utf-8' codec can't decode byte 0xe2 in position 0: invalid continuation byte");
});

test('strict writing refuses lone surrogates', () => {
  expect(encodeUtf8('é😀')).toEqual(Buffer.from('é😀'));
  expect(() => encodeUtf8('😀\udcff')).toThrow(
    "'utf-8' codec can't encode character '\\udcff' in position 1: surrogates not allowed",
  );
});
