import { sha256, shortDigest } from '@baton/kernel';
import { describe, expect, it } from 'vitest';
import { describeUse, reportStatement } from './report.ts';
import { digestSet, statement, statementDigest } from './statement.ts';

const IMAGE = sha256('image');
const RELIED = sha256('relied');
const made = statement('image', {
  subject: [
    { name: 'node-agent', digest: digestSet(IMAGE) },
    { name: 'source', digest: { gitCommit: '0'.repeat(40) } },
  ],
  tool: { name: 'baton', version: '0.1.0' },
  materials: [
    { name: 'agent.yaml', role: 'manifest', digest: digestSet(sha256('a')) },
    { name: 'koffi@3.3.4', role: 'npm', digest: { sha512: '1'.repeat(128) } },
  ],
  result: 'built',
  checks: [
    { id: 'reproducible', result: 'passed' },
    { id: 'debian', result: 'noted', detail: 'current' },
  ],
  statements: [RELIED],
});

describe('reportStatement', () => {
  it('shows everything in columns', () => {
    expect(reportStatement(made, { signature: 'unsigned' })).toBe(
      [
        'image: built (unsigned)',
        `statement ${statementDigest(made)}`,
        'by baton 0.1.0',
        'about',
        `  source      gitCommit:${'0'.repeat(40)}`,
        `  node-agent  ${IMAGE}`,
        'made from',
        `  manifest  agent.yaml   ${sha256('a')}`,
        `  npm       koffi@3.3.4  sha512:${'1'.repeat(128)}`,
        'checks',
        '  passed  reproducible',
        '  noted   debian        current',
        'relies on',
        `  ${RELIED}`,
        '',
      ].join('\n'),
    );
  });

  it('leaves out what there is none of', () => {
    const small = statement('image', { subject: made.subject, tool: made.predicate.tool, result: 'built' });
    expect(reportStatement(small)).not.toMatch(/made from|checks|relies on|signed/);
  });

  it('does not let a statement move the cursor', () => {
    const hostile = structuredClone(made);
    hostile.predicate.checks = [{ id: 'a', result: 'noted', detail: '\u001b[2Jx\r\n\u202efake' }];
    expect(reportStatement(hostile)).toContain('noted  a  \ufffd[2Jx\ufffd\ufffd\ufffdfake\n');
  });
});

describe('describeUse', () => {
  const about = `image statement ${shortDigest(statementDigest(made))} about ${shortDigest(IMAGE)}`;

  it.each([
    ['unsigned', 'unsigned'],
    ['valid', 'signed'],
    ['unchecked', 'signed, not checked: no key is configured'],
    ['wrong', 'the signature is WRONG'],
  ] as const)('%s', (signature, words) => {
    expect(describeUse({ statement: made, digest: statementDigest(made), signature })).toBe(`${about}: ${words}`);
  });
});
