import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestHex, Hasher, isDigest, sha256, shortDigest } from './digest.ts';

// FIPS 180-4, the empty message and "abc".
const EMPTY = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const ABC = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test('sha256 of known messages', () => {
  expect(sha256('')).toBe(EMPTY);
  expect(sha256(Buffer.from('abc'))).toBe(ABC);
});

test('only 64 lower-case hexadecimal digits after sha256: are a digest', () => {
  expect(isDigest(ABC)).toBe(true);
  const wrong = [
    ABC.toUpperCase(),
    ABC.slice(0, -1),
    `${ABC}0`,
    `${ABC}\n`,
    ABC.replace('sha256', 'sha512'),
    '',
    7,
    null,
  ];
  for (const text of wrong) expect(isDigest(text)).toBe(false);
});

test('the parts of a digest', () => {
  expect(digestHex(ABC)).toBe(ABC.slice(7));
  expect(shortDigest(ABC)).toBe('sha256:ba7816bf8f01');
});

test('hashing in pieces gives the digest and size of the whole', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 }), (pieces) => {
      const hasher = new Hasher();
      for (const piece of pieces) hasher.update(piece);
      const whole = Buffer.concat(pieces);
      expect(hasher.size).toBe(whole.byteLength);
      expect(hasher.digest()).toBe(sha256(whole));
    }),
  );
});
