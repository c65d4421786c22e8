import { BatonError, type Digest, sha256 } from '@baton/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Material, Subject } from './schema.ts';
import {
  capabilityOf,
  digestSet,
  failedChecks,
  integritySet,
  type StatementFacts,
  statement,
  statementBytes,
  statementDigest,
  subjectDigests,
} from './statement.ts';

const IMAGE = sha256('image');
const FACTS: StatementFacts = {
  subject: [{ name: 'node-agent', digest: digestSet(IMAGE) }],
  tool: { name: 'baton', version: '0.1.0' },
  result: 'built',
};

function refusal(facts: StatementFacts, capability = 'image'): BatonError {
  try {
    statement(capability, facts);
  } catch (error) {
    if (error instanceof BatonError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('statement', () => {
  it('fills in what is not given', () => {
    expect(statement('image', FACTS)).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'node-agent', digest: { sha256: IMAGE.slice(7) } }],
      predicateType: 'https://baton.dev/evidence/image/v1',
      predicate: {
        tool: { name: 'baton', version: '0.1.0' },
        materials: [],
        result: 'built',
        checks: [],
        statements: [],
      },
    });
  });

  it("keeps the capability's part, without what is undefined", () => {
    const made = statement('image', { ...FACTS, image: { base: undefined, tags: ['a'] } });
    expect(made.predicate.image).toEqual({ tags: ['a'] });
  });

  it('does not share what it was given', () => {
    const part = { tags: ['a'] };
    const made = statement('image', { ...FACTS, image: part });
    part.tags.push('b');
    expect(made.predicate.image).toEqual({ tags: ['a'] });
  });

  it('has these bytes and this digest', () => {
    const made = statement('image', { ...FACTS, checks: [{ id: 'size', result: 'noted', detail: 'ä' }] });
    expect(statementBytes(made).toString()).toBe(
      `{"_type":"https://in-toto.io/Statement/v1","predicate":{"checks":[{"detail":"ä","id":"size","result":"noted"}],"materials":[],"result":"built","statements":[],"tool":{"name":"baton","version":"0.1.0"}},"predicateType":"https://baton.dev/evidence/image/v1","subject":[{"digest":{"sha256":"${IMAGE.slice(7)}"},"name":"node-agent"}]}\n`,
    );
    expect(statementDigest(made)).toBe(sha256(statementBytes(made)));
  });

  it('keeps checks in their order', () => {
    const made = statement('image', {
      ...FACTS,
      checks: [
        { id: 'z', result: 'passed' },
        { id: 'a', result: 'failed', detail: 'why' },
        { id: 'b', result: 'failed' },
      ],
    });
    expect(made.predicate.checks.map(({ id }) => id)).toEqual(['z', 'a', 'b']);
    expect(failedChecks(made)).toEqual(['the check a failed: why', 'the check b failed']);
  });

  const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
  const material: fc.Arbitrary<Material> = fc.record({
    name: fc.stringMatching(/^[a-z][a-z/ ]{0,9}$/),
    role: fc.constantFrom('base', 'layer'),
    digest: fc.record({ sha256: hex }),
  });
  const subject: fc.Arbitrary<Subject> = fc.record({
    name: fc.stringMatching(/^[a-z]{1,5}$/),
    digest: fc.record({ sha256: hex }),
  });
  const facts = fc.record({
    subject: fc.array(subject, { minLength: 1, maxLength: 4 }),
    materials: fc.array(material, { maxLength: 6 }),
    statements: fc.array(
      hex.map((digits): Digest => `sha256:${digits}`),
      { maxLength: 4 },
    ),
    part: fc.jsonValue(),
  });

  it('is the same for the same facts in another order, and said twice', () => {
    fc.assert(
      fc.property(facts, ({ part, ...given }) => {
        const one = statement('image', { ...FACTS, ...given, image: part });
        const two = statement('image', {
          image: part,
          statements: [...given.statements, ...given.statements].reverse(),
          materials: [...given.materials].reverse().map(({ role, name, digest }) => ({ digest, name, role })),
          subject: [...given.subject, ...given.subject].reverse(),
          result: FACTS.result,
          tool: FACTS.tool,
        });
        expect(statementBytes(two).equals(statementBytes(one))).toBe(true);
      }),
    );
  });

  it('has bytes that do not depend on the order of keys', () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, item]) => [key, shuffled(item)]),
      );
    };
    fc.assert(
      fc.property(facts, ({ part, ...given }) => {
        const made = statement('image', { ...FACTS, ...given, image: part });
        const other = shuffled(made) as typeof made;
        expect(statementBytes(other).equals(statementBytes(made))).toBe(true);
      }),
    );
  });
});

describe('facts that may not be in a statement', () => {
  const hint = 'It was not written by this version of Baton: make it again.';

  it.each<[string, StatementFacts, string]>([
    ['nothing to be about', { ...FACTS, subject: [] }, 'expected at least one item, found [] at $.subject'],
    [
      'a place on this machine',
      { ...FACTS, subject: [{ name: '/home/me/image', digest: digestSet(IMAGE) }] },
      'expected a name: not empty, no control characters, not an absolute path, found "/home/me/image" at $.subject[0].name',
    ],
    [
      'no digest',
      { ...FACTS, subject: [{ name: 'a', digest: {} }] },
      'expected at least one digest, found {} at $.subject[0].digest',
    ],
    [
      'a digest with its prefix',
      { ...FACTS, subject: [{ name: 'a', digest: { sha256: IMAGE } }] },
      `expected 64 hexadecimal digits, found "${IMAGE}" at $.subject[0].digest.sha256`,
    ],
    [
      'an unknown digest',
      { ...FACTS, materials: [{ name: 'a', role: 'base', digest: { md5: '0' } as Material['digest'] }] },
      'expected no key "md5" at $.predicate.materials[0].digest',
    ],
    [
      'a statement without its prefix',
      { ...FACTS, statements: ['abc' as Digest] },
      'expected sha256: and 64 hexadecimal digits, found "abc" at $.predicate.statements[0]',
    ],
  ])('%s', (_, facts, message) => {
    const error = refusal(facts);
    expect(error.code).toBe('EVIDENCE_INVALID');
    expect(error.message).toBe(`the statement about ${facts.subject[0]?.name ?? 'nothing'}: ${message}`);
    expect(error.hint).toBe(hint);
  });

  it('a capability that is no word', () => {
    expect(refusal(FACTS, 'Image/..').message).toContain('expected https://baton.dev/evidence/<capability>/v1');
  });
});

describe('reading from a statement', () => {
  const made = statement('image', {
    ...FACTS,
    subject: [
      { name: 'a', digest: digestSet(IMAGE) },
      { name: 'b', digest: { gitCommit: '0'.repeat(40) } },
    ],
  });

  it('gives its capability and its subjects', () => {
    expect(capabilityOf(made)).toBe('image');
    expect(subjectDigests(made)).toEqual([IMAGE]);
  });
});

describe('digest sets', () => {
  it('are hexadecimal, from digests and from integrities', () => {
    expect(digestSet(IMAGE)).toEqual({ sha256: IMAGE.slice(7) });
    expect(integritySet('sha512-AAEC')).toEqual({ sha512: '000102' });
  });
});
