import { type Html, html, htmlFacts, htmlSection, htmlTable, htmlText } from '@baton/report';
import type { Identity } from '../model/observation.ts';
import type { LedgerRow, ParityResult } from '../model/verdict.ts';
import { type CauseGroup, causeLabel } from './findings.ts';
import type { GridColumns } from './grid-columns.ts';
import { scenarioAnchor } from './html-anchors.ts';

/** Rows of a ledger, causes, and links of a cause that are drawn; the others are counted. */
const MAX_ROWS = 200;

/** What is wrong with the run as a whole; nothing when nothing is. */
export function faultsSection({ faults }: ParityResult): Html[] {
  if (faults.length === 0) return [];
  const rows = faults
    .slice(0, MAX_ROWS)
    .map(({ code, message, hint = '' }) => ({ state: 'bad' as const, word: 'fault', cells: [code, hint, message] }));
  return [htmlSection('Faults of the run', htmlTable(['Code', 'Next step', 'What'], rows))];
}

/** One row per cause, with the scenarios that share it; a button that keeps only these where there is script. Only what `isDrawn` is linked. */
export function causesSection(
  groups: readonly CauseGroup[],
  isDrawn: (scenario: string) => boolean = () => true,
): Html[] {
  if (groups.length === 0) return [];
  const items = groups.slice(0, MAX_ROWS).map((group, index) => {
    const { scenarios } = group;
    const links = scenarios.slice(0, MAX_ROWS).map(
      (
        scenario,
      ) => html`<li>${isDrawn(scenario) ? html`<a href="#${scenarioAnchor(scenario)}">${scenario}</a>` : scenario}</li>
`,
    );
    const more =
      scenarios.length > links.length ? html`<li>and ${scenarios.length - links.length} more</li>` : undefined;
    const count = scenarios.length === 1 ? '1 scenario' : `${scenarios.length} scenarios`;
    return html`<li><details><summary><strong>${count}</strong> ${causeLabel(group)}</summary><p><button type="button" data-only-cause="${index}" hidden>Show only these</button></p><ul>${links}${more}</ul></details></li>
`;
  });
  const left =
    groups.length > items.length ? [htmlText(`${groups.length - items.length} more causes are not listed here.`)] : [];
  return [
    htmlSection(
      'Causes',
      html`<ol class="causes">
${items}</ol>
`,
      ...left,
    ),
  ];
}

/** What tokens hid: each rule by channel, how often and how many bytes of NEW. */
export function ledgerSection({ scenarios }: ParityResult, { columnOf }: GridColumns): Html {
  const rows = new Map<string, { rule: string; column: string; hits: number; bytes: number; scenarios: number }>();
  for (const verdict of scenarios) {
    for (const [key, own] of ledgerBy(verdict.ledger, columnOf)) {
      const row = rows.get(key) ?? { ...own, hits: 0, bytes: 0, scenarios: 0 };
      rows.set(key, { ...row, hits: row.hits + own.hits, bytes: row.bytes + own.bytes, scenarios: row.scenarios + 1 });
    }
  }
  const all = [...rows.values()].sort((a, b) => b.bytes - a.bytes || (a.rule < b.rule ? -1 : 1));
  if (all.length === 0) return htmlSection('What tokens hid', htmlText('Nothing: every byte was compared as it is.'));
  const body = all.slice(0, MAX_ROWS).map(
    ({
      rule,
      column,
      hits,
      bytes,
      scenarios: count,
    }) => html`<tr><th scope="row">${rule}</th><td>${column}</td><td>${hits}</td><td>${bytes}</td><td>${count}</td></tr>
`,
  );
  const more = all.length > body.length ? [htmlText(`${all.length - body.length} more rows are not listed here.`)] : [];
  return htmlSection(
    'What tokens hid',
    html`<table class="ledger"><thead><tr><th scope="col">Rule</th><th scope="col">Channel</th><th scope="col">Hits</th><th scope="col">Bytes</th><th scope="col">Scenarios</th></tr></thead><tbody>
${body}</tbody></table>
`,
    ...more,
  );
}

function ledgerBy(
  ledger: readonly LedgerRow[],
  columnOf: (channel: string) => string,
): Map<string, { rule: string; column: string; hits: number; bytes: number }> {
  const rows = new Map<string, { rule: string; column: string; hits: number; bytes: number }>();
  for (const { kind, name, channel, hits, bytes } of ledger) {
    const rule = name === undefined ? kind : `${kind} ${name}`;
    const column = columnOf(channel);
    const key = JSON.stringify([rule, column]);
    const row = rows.get(key) ?? { rule, column, hits: 0, bytes: 0 };
    rows.set(key, { ...row, hits: row.hits + hits, bytes: row.bytes + bytes });
  }
  return rows;
}

/** Who was compared, and by what. */
export function identitySection(result: ParityResult, toolVersion: string): Html {
  const { old, new: now, tier, project, seconds, exitCode, selfTest } = result;
  const facts = (role: string, { kind, name, digest, facts: known }: Identity): [string, string][] => [
    [`${role}`, name],
    [`${role} kind`, kind],
    [`${role} digest`, digest],
    ...Object.entries(known).map(([key, value]): [string, string] => [`${role} ${key}`, value]),
  ];
  return htmlSection(
    'Identities',
    htmlFacts([
      ['Project', project],
      ...facts('OLD', old),
      ...facts('NEW', now),
      [
        'Tier',
        tier === 'T1'
          ? 'T1: the clock was owned, and bytes were compared raw'
          : 'T2: the clock was real, and stamps were validated',
      ],
      ['Self-test', `${selfTest.caught} of ${selfTest.mutations} planted differences found`],
      ['Baton', toolVersion],
      ['Exit code', String(exitCode)],
      ['Time', `${seconds.toFixed(1)} s`],
    ]),
  );
}
