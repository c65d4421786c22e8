import { BatonError } from '@baton/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEsc, escDecoder } from './esc-decode.ts';
import { cutOffset, encodeEsc, escapeBytes } from './esc-encode.ts';
import type { NamedSpan } from './esc-syntax.ts';

const fragments = [
  'a',
  ' ',
  '\\',
  '\r',
  '\n',
  '\t',
  '\0',
  '\r\n',
  '€',
  'é',
  '😀',
  '\ufeff',
  '\ufffd',
  '\u2028',
  '\u0085',
  '#',
  '{',
  '}',
];
const raw = [
  'ff',
  'c3',
  'e282',
  'eda080',
  'c080',
  'e080af',
  'f08080af',
  'f5808080',
  'edbfbf',
  'f4908080',
  'f09f98',
  '80',
  '7f',
  '1b',
];
const bytes = fc
  .array(
    fc.oneof(
      fc.constantFrom(...fragments).map((text) => Buffer.from(text)),
      fc.constantFrom(...raw).map((hex) => Buffer.from(hex, 'hex')),
      fc.uint8Array({ maxLength: 6 }).map((array) => Buffer.from(array)),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.concat(parts));

const withSpans = bytes.chain((text) =>
  fc
    .array(fc.tuple(fc.nat(text.length), fc.nat(text.length), fc.constantFrom('iso-local', 'pid', 'temp-name')), {
      maxLength: 6,
    })
    .map((draws) => {
      const values = new Map<string, Buffer>();
      const spans: NamedSpan[] = [];
      for (const [one, other, kind] of draws.sort((a, b) => Math.min(a[0], a[1]) - Math.min(b[0], b[1]))) {
        const [start, end] = [Math.min(one, other), Math.max(one, other)];
        if (start < (spans.at(-1)?.end ?? 0)) continue;
        const name = `${kind}:${spans.length + 1}`;
        values.set(name, text.subarray(start, end));
        spans.push({ start, end, name });
      }
      return { text, spans, values };
    }),
);

test('any bytes with any tokens come back', () => {
  fc.assert(
    fc.property(withSpans, ({ text, spans, values }) => {
      const esc = encodeEsc(text, spans);
      expect(esc).toMatch(/^(?:[ -~]+\n|\n)*$/);
      expect(decodeEsc('x.esc', Buffer.from(esc), (name) => values.get(name))).toEqual(text);
      const part = escapeBytes(text, spans);
      expect(decodeEsc('x', Buffer.from(part), (name) => values.get(name), 'part')).toEqual(text);
    }),
    { numRuns: 1000 },
  );
});

test('the decoder may be given the text in any pieces', () => {
  fc.assert(
    fc.property(withSpans, fc.array(fc.nat(200), { maxLength: 8 }), ({ text, spans, values }, cuts) => {
      const esc = Buffer.from(encodeEsc(text, spans));
      const decoder = escDecoder('x.esc', (name) => values.get(name));
      const points = [0, ...cuts.map((cut) => Math.min(cut, esc.length)).sort((a, b) => a - b), esc.length];
      const out = points.slice(1).map((to, i) => decoder.push(esc.subarray(points[i], to)));
      expect(Buffer.concat([...out, decoder.end()])).toEqual(text);
    }),
    { numRuns: 500 },
  );
});

test('blocks that are cut where the encoder says give the same text', () => {
  fc.assert(
    fc.property(bytes, fc.integer({ min: 4, max: 9 }), (text, size) => {
      const parts: string[] = [];
      let rest = text;
      while (rest.length > size) {
        const cut = cutOffset(rest.subarray(0, size));
        parts.push(escapeBytes(rest.subarray(0, cut)));
        rest = rest.subarray(cut);
      }
      parts.push(escapeBytes(rest));
      expect(parts.join('')).toBe(escapeBytes(text));
    }),
    { numRuns: 1000 },
  );
});

test('what can be decoded was written by the encoder', () => {
  const pieces = [
    'a',
    '\n',
    '\\c',
    '\\',
    '\\\\',
    '\\x41',
    '\\xff',
    '\\x0a',
    '\\x09',
    '\\u{20ac}',
    '\\u{41}',
    '\\u{020ac}',
    '\\u{d800}',
    '\\u{110000}',
    '\\t',
    '\\e',
    '\\{pid:1}',
    '\\{pid:01}',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 6 }), (parts) => {
      const esc = `${parts.join('')}\n`;
      let decoded: Buffer;
      try {
        decoded = decodeEsc('x.esc', Buffer.from(esc), (name) => (name === 'pid:1' ? Buffer.from('7') : undefined));
      } catch (error) {
        expect(error).toBeInstanceOf(BatonError);
        return;
      }
      const spans = [...esc.matchAll(/\\(\\|\{pid:1\})/g)];
      if (spans.every(([, what]) => what === '\\')) expect(encodeEsc(decoded)).toBe(esc);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['hello\r\n', /carriage return: its line ends were converted, line 1/],
  ['one\ncaf\xe9\n', /the byte 0xe9, which is not escaped, line 2/],
  ['a\tb\n', /the byte 0x09/],
  ['no end', /does not end with a line end/],
  ['a\\c', /does not end with a line end/],
  ['\\c\n', /\\c at the beginning of a line/],
  ['a\n\\c\n', /\\c at the beginning of a line, line 2/],
  ['a\\cb\n', /goes on behind its end/],
  ['a\\c\nb\n', /goes on behind its end/],
  ['\\q\n', /no escape/],
  ['\\x41\n', /no escape/],
  ['\\xFF\n', /no escape/],
  ['\\u{41}\n', /no escape/],
  ['\\u{20AC}\n', /no escape/],
  ['\\u{d83d}\n', /no escape/],
  ['\\{iso-local:0}\n', /no escape/],
  ['\\{iso-local:2}\n', /token iso-local:2, which is not in the table/],
  ['abc\\', /no escape/],
])('refuses %j', (text, message) => {
  let refusal: unknown;
  try {
    decodeEsc('run1-stdout.esc', Buffer.from(text, 'latin1'));
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toMatchObject({ code: 'GOLDEN_DAMAGED', message: expect.stringMatching(message) });
});

test('reads like the text it holds', () => {
  const text = Buffer.concat([
    Buffer.from('[out]2026 ok €\\n\n\ta\r\n'),
    Buffer.from([0xff, 0x00, 0x1b]),
    Buffer.from('end '),
  ]);
  expect(encodeEsc(text, [{ start: 5, end: 9, name: 'iso-local:1' }])).toBe(
    '[out]\\{iso-local:1} ok \\u{20ac}\\\\n\n\\ta\\r\n\\xff\\0\\x1bend \\c\n',
  );
});
