import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseChallenges } from './challenge.ts';

const plain = (header: string | undefined) =>
  parseChallenges(header).map(({ scheme, params, token68 }) => ({
    scheme,
    params: Object.fromEntries(params),
    ...(token68 === undefined ? {} : { token68 }),
  }));

test('a Bearer challenge as registries send it', () => {
  const header =
    'Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="repository:acme/app:pull,push"';
  expect(plain(header)).toEqual([
    {
      scheme: 'bearer',
      params: {
        realm: 'https://auth.example.com/token',
        service: 'registry.example.com',
        scope: 'repository:acme/app:pull,push',
      },
    },
  ]);
});

test('several challenges in one header, in any order and spacing', () => {
  expect(plain('Basic realm="a, b" , Bearer realm=https://x/t , service = s,Negotiate')).toEqual([
    { scheme: 'basic', params: { realm: 'a, b' } },
    { scheme: 'bearer', params: { realm: 'https://x/t', service: 's' } },
    { scheme: 'negotiate', params: {} },
  ]);
  expect(plain('Negotiate, NTLM, Basic realm="x"').map(({ scheme }) => scheme)).toEqual(['negotiate', 'ntlm', 'basic']);
});

test('escapes in quoted strings, token68 values, names and schemes in any case', () => {
  expect(plain('BASIC Realm="say \\"hi\\" \\\\ "')).toEqual([{ scheme: 'basic', params: { realm: 'say "hi" \\ ' } }]);
  expect(plain('Negotiate abc+/-._~==, Basic realm=x')).toEqual([
    { scheme: 'negotiate', params: {}, token68: 'abc+/-._~==' },
    { scheme: 'basic', params: { realm: 'x' } },
  ]);
});

test('the first of two equal parameters counts', () => {
  expect(plain('Bearer realm="https://good/",realm="https://evil/"')).toEqual([
    { scheme: 'bearer', params: { realm: 'https://good/' } },
  ]);
});

test('nothing readable is an empty list', () => {
  for (const header of [undefined, '', ' , ,', '"', '=', ';;;']) expect(plain(header)).toEqual([]);
});

const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/);
const written = fc.record({
  scheme: word,
  params: fc.uniqueArray(fc.tuple(word, fc.string({ maxLength: 20 })), {
    maxLength: 4,
    selector: ([name]) => name.toLowerCase(),
  }),
});

test('what is written by the grammar is read back', () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 4 }), (challenges) => {
      const header = challenges
        .map(({ scheme, params }) =>
          `${scheme} ${params.map(([name, value]) => `${name}="${value.replace(/(["\\])/g, '\\$1')}"`).join(', ')}`.trim(),
        )
        .join(', ');
      const expected = challenges.map(({ scheme, params }) => ({
        scheme: scheme.toLowerCase(),
        params: Object.fromEntries(params.map(([name, value]) => [name.toLowerCase(), value])),
      }));
      expect(plain(header)).toEqual(expected);
    }),
  );
});

test('any text is read without an error', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'Basic =",\\ \t;/a1'.split('')), maxLength: 60 }), (header) => {
      expect(Array.isArray(parseChallenges(header))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
