import { BatonError } from '@baton/kernel';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkTag, formatReference, parseReference, type Reference } from './reference.ts';

const HEX = 'a'.repeat(64);

function refusal(text: string): BatonError {
  try {
    const found = parseReference(text);
    throw new Error(`${JSON.stringify(text)} was taken as ${JSON.stringify(found)}`);
  } catch (error) {
    if (error instanceof BatonError) return error;
    throw error;
  }
}

describe('parseReference', () => {
  test.each([
    ['node', { registry: 'docker.io', repository: 'library/node' }],
    ['node:24', { registry: 'docker.io', repository: 'library/node', tag: '24' }],
    ['acme/agent', { registry: 'docker.io', repository: 'acme/agent' }],
    ['docker.io/node', { registry: 'docker.io', repository: 'library/node' }],
    ['index.docker.io/acme/agent', { registry: 'docker.io', repository: 'acme/agent' }],
    ['ghcr.io/acme/agent:1.2.3', { registry: 'ghcr.io', repository: 'acme/agent', tag: '1.2.3' }],
    ['GHCR.io/acme/agent', { registry: 'ghcr.io', repository: 'acme/agent' }],
    ['localhost/agent', { registry: 'localhost', repository: 'agent' }],
    ['localhost:5000/agent:a', { registry: 'localhost:5000', repository: 'agent', tag: 'a' }],
    ['127.0.0.1:5000/a/b/c', { registry: '127.0.0.1:5000', repository: 'a/b/c' }],
    ['[::1]:5000/agent', { registry: '[::1]:5000', repository: 'agent' }],
    ['host:5000', { registry: 'docker.io', repository: 'library/host', tag: '5000' }],
    ['r.io/a_b/c__d/e---f/g.h', { registry: 'r.io', repository: 'a_b/c__d/e---f/g.h' }],
    [`r.io/a@sha256:${HEX}`, { registry: 'r.io', repository: 'a', digest: `sha256:${HEX}` }],
    [`r.io:1/a:t@sha256:${HEX}`, { registry: 'r.io:1', repository: 'a', tag: 't', digest: `sha256:${HEX}` }],
  ])('%s', (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });

  test.each([
    '',
    ' ',
    '/',
    'a b',
    'node:',
    'node:-x',
    `node:${'t'.repeat(129)}`,
    'node@',
    'node@sha256:abc',
    `node@sha256:${HEX.toUpperCase()}`,
    `node@sha512:${'a'.repeat(128)}`,
    `node@sha256:${HEX}@sha256:${HEX}`,
    'r.io/',
    'r.io//a',
    'r.io/a/',
    '/a',
    'a//b',
    'r.io/a..b',
    'r.io/-a',
    'r.io/a-',
    'r.io/a___b',
    'r.io:99999/a',
    'r.io:x/a',
    'r_.io/a',
    '-r.io/a',
    'r..io/a',
    '[::g]/a',
    '[1.2]/a',
    'https://r.io/a',
    'r.io/a?b',
    'r.io/a\n',
    '\u0430cme/agent',
    HEX,
    `r.io/${'a'.repeat(256)}`,
  ])('refuses %j', (text) => {
    expect(refusal(text)).toMatchObject({ code: 'INVALID_REFERENCE', hint: expect.any(String) as string });
  });

  test('an upper-case name is refused with the lower-case one, not taken for a host', () => {
    expect(refusal('Acme/agent').hint).toContain('"acme/agent"');
    expect(refusal('ghcr.io/Acme/agent').hint).toContain('"acme/agent"');
  });

  test('the message quotes what was given, cut to a length a person can read', () => {
    expect(refusal('a b').message).toBe('expected an image reference, found "a b": "a b" is not a repository name');
    expect(refusal(`${'x'.repeat(5000)} `).message.length).toBeLessThan(400);
  });
});

describe('checkTag', () => {
  test('gives back a tag', () => {
    for (const tag of ['1', 'v1.2.3-rc.1', '_x', 'sha-0123abc', 'T'.repeat(128)]) expect(checkTag(tag)).toBe(tag);
  });

  test('a version with build metadata is refused with a form that works', () => {
    expect(() => checkTag('1.2.3+build.5')).toThrow(
      expect.objectContaining({ code: 'INVALID_REFERENCE', hint: expect.stringContaining('1.2.3-build.5') as string }),
    );
  });

  test.each(['', '.x', '-x', 'a/b', 'a:b', 'a b', 'ä', 'x\n', 'T'.repeat(129)])('refuses %j', (tag) => {
    expect(() => checkTag(tag)).toThrow(expect.objectContaining({ code: 'INVALID_REFERENCE' }));
  });
});

const references: fc.Arbitrary<Reference> = fc
  .record({
    registry: fc.stringMatching(/^([a-z][a-z0-9]{0,5}\.[a-z]{2,3}|localhost|\[::[1-9]\])(:[1-9][0-9]{0,3})?$/),
    repository: fc.stringMatching(/^[a-z0-9]{1,5}([._-][a-z0-9]{1,3}){0,2}(\/[a-z0-9]{1,4}(__[a-z]{1,2})?){0,3}$/),
    tag: fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined }),
    digest: fc.option(fc.stringMatching(/^[0-9a-f]{64}$/), { nil: undefined }),
  })
  .map(({ registry, repository, tag, digest }) => ({
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest: `sha256:${digest}` as const }),
  }));

test('parse(format(x)) equals x', () => {
  void fc.assert(
    fc.property(references, (reference) => {
      expect(parseReference(formatReference(reference))).toEqual(reference);
    }),
  );
  const hub = { registry: 'docker.io', repository: 'library/node', tag: '24' };
  expect(formatReference(hub)).toBe('docker.io/library/node:24');
  expect(parseReference(formatReference(hub))).toEqual(hub);
});

test('any text is either a reference that prints and reads as itself, or INVALID_REFERENCE', () => {
  const near = fc.array(fc.constantFrom('a', 'B', '0', '.', '_', '-', '/', ':', '@', '[', ']', 'sha256:', HEX), {
    maxLength: 8,
  });
  void fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        near.map((parts) => parts.join('')),
      ),
      (text) => {
        try {
          const reference = parseReference(text);
          expect(parseReference(formatReference(reference))).toEqual(reference);
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_REFERENCE' });
        }
      },
    ),
    { numRuns: 1000 },
  );
});
