import { type Digest, shortDigest } from '@baton/kernel';
import type { ReadStatement, Signature } from './files.ts';
import type { Statement } from './schema.ts';
import { capabilityOf, statementDigest, subjectDigests } from './statement.ts';

const SIGNATURE_WORDS: Record<Signature, string> = {
  unsigned: 'unsigned',
  unchecked: 'signed, not checked: no key is configured',
  valid: 'signed',
  wrong: 'the signature is WRONG',
};

/** One line for each use of a statement; it has the word `unsigned` when it is. */
export function describeUse(read: Pick<ReadStatement, 'statement' | 'digest' | 'signature'>): string {
  const [about] = subjectDigests(read.statement);
  const on = about === undefined ? '' : ` about ${shortDigest(about)}`;
  return `${capabilityOf(read.statement)} statement ${shortDigest(read.digest)}${on}: ${SIGNATURE_WORDS[read.signature]}`;
}

/** A statement as text for a terminal: what it is about, what went in, what was checked, by which tool. No colours. */
export function reportStatement(made: Statement, facts: { signature?: Signature; digest?: Digest } = {}): string {
  const { predicate } = made;
  const signature = facts.signature === undefined ? '' : ` (${SIGNATURE_WORDS[facts.signature]})`;
  const materials = predicate.materials.map(({ role, name, digest }) => [role, name, anyDigest(digest)]);
  const checks = predicate.checks.map(({ result, id, detail }) => [result, id, detail ?? '']);
  return [
    `${capabilityOf(made)}: ${predicate.result}${signature}`,
    `statement ${facts.digest ?? statementDigest(made)}`,
    `by ${predicate.tool.name} ${predicate.tool.version}`,
    ...section(
      'about',
      made.subject.map(({ name, digest }) => [name, anyDigest(digest)]),
    ),
    ...section('made from', materials),
    ...section('checks', checks),
    ...section(
      'relies on',
      predicate.statements.map((digest) => [digest]),
    ),
  ]
    .map(printable)
    .map((line) => `${line}\n`)
    .join('');
}

function section(title: string, rows: readonly string[][]): string[] {
  if (rows.length === 0) return [];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return [title, ...rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd())];
}

function anyDigest(set: Record<string, string | undefined>): string {
  const [first] = Object.entries(set).filter(([, value]) => value !== undefined);
  return first === undefined ? '' : `${first[0]}:${first[1]}`;
}

// A statement comes from elsewhere: it must not move the cursor.
function printable(line: string): string {
  return line.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
