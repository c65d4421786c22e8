import { BatonError, canonicalJson, compareText, type Digest, digestHex, type Json, sha256 } from '@baton/kernel';
import { explainIssues } from './explain.ts';
import {
  type Check,
  type Material,
  type Result,
  type Statement,
  type Subject,
  statementSchema,
  type Tool,
} from './schema.ts';

const TYPE_PREFIX = 'https://baton.dev/evidence/';
const TYPE_SUFFIX = '/v1';

/** The facts of a statement; keys beyond the named ones are the capability's own part of the predicate. */
export interface StatementFacts {
  subject: readonly Subject[];
  tool: Tool;
  materials?: readonly Material[];
  result: Result;
  checks?: readonly Check[];
  /** Digests of the statements that were relied on. */
  statements?: readonly Digest[];
  [part: string]: unknown;
}

/**
 * Makes a statement: equal facts give equal bytes, in whatever order they are given. Subjects, materials and statements are sorted and
 * stand once; checks keep their order, which is the order they were made in.
 *
 * @param capability `image`, `publish`, ...: the last part of the predicate's type
 * @throws BatonError `EVIDENCE_INVALID` for facts that may not be in a statement: no subject, an absolute path as a name, a malformed digest
 */
export function statement(capability: string, facts: StatementFacts): Statement {
  const { subject, tool, materials = [], result, checks = [], statements = [], ...parts } = facts;
  const made = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: sortedOnce(subject),
    predicateType: `${TYPE_PREFIX}${capability}${TYPE_SUFFIX}`,
    predicate: { ...parts, tool, materials: sortedOnce(materials), result, checks, statements: sortedOnce(statements) },
  };
  // Through JSON, so that what is checked is what will be read: no undefined, no class, no shared list.
  const plain: unknown = JSON.parse(JSON.stringify(made));
  return checkStatement(plain, `the statement about ${subject[0]?.name ?? 'nothing'}`);
}

/** Checks a value read from JSON. Keys beyond the known ones are refused, except in the capability's part of the predicate. */
export function checkStatement(value: unknown, where: string): Statement {
  const result = statementSchema.safeParse(value);
  // The value itself and not zod's copy of it: its bytes are what was hashed.
  if (result.success) return value as Statement;
  const [first = 'not a statement', ...others] = explainIssues(result.error.issues, value);
  throw new BatonError('EVIDENCE_INVALID', `${where}: ${first}`, {
    hint: 'It was not written by this version of Baton: make it again.',
    details: { problems: [first, ...others] },
  });
}

/** The canonical bytes of a statement. */
export function statementBytes(made: Statement): Buffer {
  return canonicalJson(made as Json);
}

/** The name of a statement: the sha256 of its canonical bytes. */
export function statementDigest(made: Statement): Digest {
  return sha256(statementBytes(made));
}

/** The capability that made a statement: `image` of `https://baton.dev/evidence/image/v1`. */
export function capabilityOf(made: Statement): string {
  return made.predicateType.slice(TYPE_PREFIX.length, -TYPE_SUFFIX.length);
}

/** The sha256 digests of a statement's subjects. */
export function subjectDigests(made: Statement): Digest[] {
  return made.subject.flatMap(({ digest }) =>
    digest.sha256 === undefined ? [] : [`sha256:${digest.sha256}` as const],
  );
}

/** One line for each check that failed: whatever its result says, such a statement proves nothing. */
export function failedChecks(made: Statement): string[] {
  const failed = made.predicate.checks.filter(({ result }) => result === 'failed');
  return failed.map(({ id, detail }) => `the check ${id} failed${detail === undefined ? '' : `: ${detail}`}`);
}

/** A sha256 digest in the form of in-toto's digest sets: `{ sha256: hex }`. */
export function digestSet(digest: Digest): { sha256: string } {
  return { sha256: digestHex(digest) };
}

/** An npm integrity (`sha512-<base64>`, W3C Subresource Integrity) in the form of in-toto's digest sets. */
export function integritySet(integrity: string): Record<string, string> {
  const dash = integrity.indexOf('-');
  return { [integrity.slice(0, dash)]: Buffer.from(integrity.slice(dash + 1), 'base64').toString('hex') };
}

function sortedOnce<T>(items: readonly T[]): T[] {
  const byText = new Map(items.map((item) => [canonicalJson(item as Json).toString('utf8'), item]));
  return [...byText].sort(([a], [b]) => compareText(a, b)).map(([, item]) => item);
}
