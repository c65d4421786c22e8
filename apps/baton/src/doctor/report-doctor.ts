import { BatonError, plural } from '@baton/kernel';
import { table } from '@baton/report';
import type { Finding } from './finding.ts';

const MARKS = { here: 'ok', limited: 'limited', missing: 'missing' } as const;

/** The findings for a terminal: a table, then one sentence for each thing that is missing or limited. */
export function reportFindings(findings: readonly Finding[], manifest: 'none' | 'invalid' | 'valid'): string {
  const rows = findings.map(({ title, state, detail }) => [title, MARKS[state], detail]);
  const costs = findings.filter((finding) => finding.cost !== undefined);
  return [
    table(rows),
    ...(costs.length === 0
      ? []
      : ['', 'What each lack costs:', indent(table(costs.map((f) => [f.title, f.cost ?? ''])))]),
    '',
    verdict(findings, manifest),
  ].join('\n');
}

/** The error for a manifest that needs what is missing; undefined when nothing is. */
export function lackError(findings: readonly Finding[], manifest: string): BatonError | undefined {
  const lacking = lacks(findings);
  if (lacking.length === 0) return undefined;
  const list = lacking.map(({ title, neededFor }) => `${title} (${neededFor})`).join(', ');
  return new BatonError('TOOL_MISSING', `${manifest} needs what this machine lacks: ${list}`, {
    hint: lacking.map(({ title, detail }) => `${title}: ${detail}`).join('\n'),
    details: { missing: lacking.map(({ id }) => id) },
  });
}

function verdict(findings: readonly Finding[], manifest: 'none' | 'invalid' | 'valid'): string {
  if (manifest === 'none') return 'There is no agent.yaml in this directory; nothing is demanded of this machine.';
  if (manifest === 'invalid') return 'agent.yaml cannot be read, so it is not known what it needs.';
  if (lacks(findings).length > 0) return 'agent.yaml cannot be built here.';
  const needed = findings.filter(({ neededFor }) => neededFor !== undefined);
  return `agent.yaml can be built here${needed.length === 0 ? '' : `: all of ${plural(needed.length, 'need')} met`}.`;
}

function lacks(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ state, neededFor }) => state === 'missing' && neededFor !== undefined);
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
