import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAgentManifest } from './load.ts';
import { parseRetention } from './retention-file.ts';
import { matchesTagPattern } from './schema-retention.ts';
import { inImage } from './test-problems.ts';

const parse = (text: string): unknown => parseRetention(Buffer.from(text), 'keep.yaml');

function refusal(text: string): { code: string; message: string; hint?: string } {
  try {
    parse(text);
  } catch (error) {
    return error as { code: string; message: string; hint?: string };
  }
  throw new Error('it was accepted');
}

describe('a policy', () => {
  test('is the same in a file of its own and in agent.yaml', () => {
    const text =
      '{ keepLast: 2, keepUntil: { 1.4.2: 2027-03-01, "1.10": 2027-04-01 }, never: [lts-*], mayGo: [sha-*] }';
    const policy = {
      keepLast: 2,
      keepUntil: { '1.4.2': '2027-03-01', '1.10': '2027-04-01' },
      never: ['lts-*'],
      mayGo: ['sha-*'],
    };
    expect(parse(text)).toEqual(policy);
    expect(parse(JSON.stringify(policy))).toEqual(policy);
    const manifest = parseAgentManifest(Buffer.from(`{ version: 1, name: a, image: { retention: ${text} } }`), 'x');
    expect(manifest.image?.retention).toEqual(policy);
  });

  test('keeps three of each line when it says nothing', () => {
    expect(parse('{}')).toEqual({ keepLast: 3 });
  });

  test.each([
    ['{ keeplast: 3 }', 'unknown key "keeplast", did you mean "keepLast"?'],
    ['{ keepLast: 0 }', 'keepLast: expected a number of at least 1, found the number 0'],
    ['{ keepLast: many }', 'keepLast: expected a number, found "many"'],
    ['{ keepUntil: { 1.4.2: soon } }', 'expected a date like 2027-03-01, found "soon"'],
    ['{ keepUntil: { 1.4.2: 2027-02-30 } }', 'expected a date like 2027-03-01, found "2027-02-30"'],
    ['{ keepUntil: { "1.4.*": 2027-03-01 } }', 'expected a tag (patterns belong to never), found the key "1.4.*"'],
    ['{ never: ["a b"] }', 'expected a tag, in which "*" may stand for any text, found "a b"'],
    ['{ never: [a, a] }', 'expected an entry that the list does not have yet'],
    [
      '{ never: ["5.*"], keepUntil: { 5.4.1: 2027-03-01 } }',
      'expected one rule for each tag (it stays for ever as "5.*"',
    ],
    ['{ never: [nightly], mayGo: [nightly] }', 'expected tags that never does not name, found "nightly"'],
    ['[]', 'expected a mapping'],
    ['', 'expected a mapping'],
    ['{ keepLast: 1', 'keep.yaml:1:'],
  ])('%s is refused', (text, message) => {
    const error = refusal(text);
    expect(error).toMatchObject({ code: 'RETENTION_INVALID' });
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/^keep\.yaml:1:\d+: /);
    if (text.startsWith('{ k') && text.endsWith('}')) expect(inImage(`retention: ${text}`).join()).toContain(message);
  });
});

test('a star stands for any text, everything else for itself', () => {
  expect(matchesTagPattern('sha-*', 'sha-1')).toBe(true);
  expect(matchesTagPattern('sha-*', 'x-sha-1')).toBe(false);
  expect(matchesTagPattern('1.2.3', '1x2.3')).toBe(false);
  expect(matchesTagPattern('*-rc.*', '1.0.0-rc.1')).toBe(true);
  expect(matchesTagPattern('*a'.repeat(60), `${'a'.repeat(120)}b`)).toBe(false);
  const tag = fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/);
  fc.assert(
    fc.property(tag, tag, tag, (a, b, c) => {
      expect(matchesTagPattern(a, b)).toBe(a === b);
      expect(matchesTagPattern(`${a}*${c}`, `${a}${b}${c}`)).toBe(true);
      expect(matchesTagPattern('*', a)).toBe(true);
      expect(matchesTagPattern(`${a}*${a}`, a)).toBe(false);
      expect(matchesTagPattern(`*${a}*${b}*`, `${a}x${b}`)).toBe(true);
    }),
  );
});
