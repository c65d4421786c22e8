import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact, redactData, registerSecret } from './redact.ts';

describe('registered secrets', () => {
  test('are hidden wherever they stand, also URL-encoded', () => {
    registerSecret('hunter2/&x');
    expect(redact('a hunter2/&x, twice hunter2/&x, hunter2%2F%26x')).toBe('a ***, twice ***, ***');
  });

  test('that begin alike leave no tail behind', () => {
    registerSecret('abcd1234');
    registerSecret('abcd1234-and-more');
    expect(redact('sent abcd1234-and-more')).toBe('sent ***');
  });

  test('of under four characters are not taken: they would hide ordinary text', () => {
    registerSecret('the');
    expect(redact('the end')).toBe('the end');
  });

  test('never survive, whatever surrounds them', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        registerSecret('Tr0ub4dor&3');
        expect(redact(`${before}Tr0ub4dor&3${after}`)).not.toContain('Tr0ub4dor&3');
      }),
    );
  });

  test('may hold anything, half a character too', () => {
    registerSecret('half\ud800half');
    expect(redact('x half\ud800half')).toBe('x ***');
  });
});

test.each([
  ['https://ada:pw@registry.example/v2/', 'https://***@registry.example/v2/'],
  ['https://ada:p@w@registry.example/v2/', 'https://***@registry.example/v2/'],
  ['proxy http://token@[::1]:8080', 'proxy http://***@[::1]:8080'],
  ['Authorization: Basic YTpi', 'Authorization: Basic ***'],
  ['"authorization":"Bearer abc"', '"authorization":"Bearer ***"'],
  ['authorization=opaque-value', 'authorization=***'],
  ['sent Bearer eyJhbGciOiJI.e30.c2ln', 'sent Bearer ***'],
  ['https://blob.example/x?X-Amz-Signature=12ab&other=1', 'https://blob.example/x?X-Amz-Signature=***&other=1'],
  ['/v2/token?access_token=abc&scope=pull', '/v2/token?access_token=***&scope=pull'],
])('%s is shown as %s', (text, shown) => {
  expect(redact(text)).toBe(shown);
});

test.each([
  'the registry offers basic authentication only',
  'WWW-Authenticate: Bearer realm="https://auth.example/token",service="registry5"',
  'docker://busybox@sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  'ghcr.io/acme/agent@sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  'mail ada@example.com',
  '/v2/acme/agent/blobs/uploads/1?_state=abc&digest=sha256:1',
])('%s is ordinary text and stays', (text) => {
  expect(redact(text)).toBe(text);
});

test('data is redacted text by text, and keeps its shape', () => {
  registerSecret('quo"ted');
  expect(redactData({ a: ['quo"ted', 1, null, true], b: { c: 'x quo"ted' } })).toEqual({
    a: ['***', 1, null, true],
    b: { c: 'x ***' },
  });
});
