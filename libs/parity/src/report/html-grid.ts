import { type Html, html } from '@baton/report';
import type { ScenarioState, ScenarioVerdict } from '../model/verdict.ts';
import { findingsOf } from './findings.ts';
import type { GridColumns } from './grid-columns.ts';
import { findingAnchor, scenarioAnchor } from './html-anchors.ts';
import { MAX_FINDINGS } from './html-scenario.ts';
import { STATES, type Suite, worstState } from './words.ts';

/** A table of scenarios and channels with a cell per state: sign, word and colour. What is not equal leads to its place below, if it `isDrawn`. */
export function parityGrid(
  suites: readonly Suite[],
  columns: GridColumns,
  isDrawn: (scenario: string) => boolean = () => true,
): Html {
  const head = columns.names.map((name) => html`<th scope="col">${name}</th>`);
  const bodies = suites.map(({ name, verdicts }, index) => {
    const rows = verdicts.map((verdict) => gridRow(verdict, columns, index, isDrawn(verdict.scenario)));
    return html`<tbody><tr class="suite"><th scope="rowgroup" colspan="${columns.names.length + 2}">${name}</th></tr>
${rows}</tbody>
`;
  });
  return html`<table class="grid" id="grid-table">
<thead><tr><th scope="col">Scenario</th><th scope="col">Verdict</th>${head}</tr></thead>
${bodies}</table>
`;
}

function gridRow(verdict: ScenarioVerdict, { names, columnOf }: GridColumns, suite: number, linked: boolean): Html {
  const { scenario, state } = verdict;
  const { look, sign, word } = STATES[state];
  const findings = findingsOf(verdict);
  const cells = names.map((name) => {
    const states = verdict.channels.filter(({ channel }) => columnOf(channel) === name).map((one) => one.state);
    const first = findings.findIndex(({ channel }) => channel !== undefined && columnOf(channel) === name);
    const all: ScenarioState[] = first === -1 ? states : [...states, 'diverged'];
    if (all.length === 0) return html`<td class="empty"></td>`;
    const anchor =
      first === -1 || first >= MAX_FINDINGS ? scenarioAnchor(scenario) : findingAnchor(scenario, first + 1);
    return gridCell(name, worstState(all), linked ? anchor : undefined);
  });
  const id = scenario.slice(scenario.lastIndexOf('/') + 1);
  return html`<tr data-scenario="${scenarioAnchor(scenario)}" data-suite="${suite}" data-state="${state}">
<th scope="row">${linked ? html`<a href="#${scenarioAnchor(scenario)}">${id}</a>` : id}</th><td class="${look} whole"><span>${sign}</span> <small>${word}</small></td>${cells}</tr>
`;
}

function gridCell(column: string, state: ScenarioState, anchor: string | undefined): Html {
  const { look, sign, word } = STATES[state];
  const inside = html`<span>${sign}</span> <small>${word}</small><small class="of"> ${column}</small>`;
  if (state === 'equal' || anchor === undefined) return html`<td class="${look}">${inside}</td>`;
  return html`<td class="${look}"><a href="#${anchor}">${inside}</a></td>`;
}
