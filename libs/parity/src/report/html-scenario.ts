import { type Html, hexdump, html, htmlDiff } from '@baton/report';
import type { Divergence, ScenarioVerdict } from '../model/verdict.ts';
import { diffRows } from './diff-rows.ts';
import { type Finding, findingsOf, isGood } from './findings.ts';
import { findingAnchor, scenarioAnchor } from './html-anchors.ts';
import { timelineHtml } from './html-timeline.ts';
import { sideView } from './hunk-bytes.ts';
import { positionWords, STATES } from './words.ts';

/** Findings of a scenario that are drawn; the others are counted. */
export const MAX_FINDINGS = 30;

/** What the filters know of a scenario's parts: numbers in the lists that they choose from. */
export interface FilterNumbers {
  suite: number;
  columnOf(finding: Finding): number;
  kindOf(finding: Finding): number;
  causeOf(finding: Finding): number;
}

/** How much of a scenario is drawn: `brief` is without timeline and bytes. */
export type ScenarioDetail = 'full' | 'brief';

/** A scenario's part of the page: open when it is not equal. `next` is the next one that is not equal either. */
export function scenarioHtml(
  verdict: ScenarioVerdict,
  numbers: FilterNumbers,
  { detail, next }: { detail: ScenarioDetail; next: string | undefined },
): Html {
  const { scenario, why, state, seconds, cached, declared } = verdict;
  const { look, sign, word } = STATES[state];
  const findings = findingsOf(verdict);
  const shown = findings
    .slice(0, MAX_FINDINGS)
    .map((finding, i) => findingHtml(scenario, finding, i + 1, numbers, detail));
  const more =
    findings.length > shown.length
      ? html`<p>and ${findings.length - shown.length} more in this scenario</p>`
      : undefined;
  const declarations = declared.map(
    ({
      declaration,
      divergences,
    }) => html`<div class="finding"><p><strong>≈ declared</strong> ${declaration.channel}, until ${declaration.until}: ${declaration.reason}</p>
<ul>${divergences.slice(0, MAX_FINDINGS).map(({ channel, message }) => html`<li>${channel}: ${message}</li>`)}</ul></div>
`,
  );
  const goOn =
    isGood(state) || next === undefined
      ? undefined
      : html` · <a href="#${scenarioAnchor(next)}">next that is not equal</a>`;
  return html`<details class="scenario ${look}"${isGood(state) ? undefined : html` open`} data-scenario="${scenarioAnchor(scenario)}" data-suite="${numbers.suite}" data-state="${state}">
<summary id="${scenarioAnchor(scenario)}"><span class="chip">${sign} ${word}</span> <strong>${scenario}</strong></summary>
<p class="why">${why}</p>
${shown}${more}${declarations}${detail === 'full' ? timelineHtml(verdict) : undefined}<p class="foot">${seconds.toFixed(3)} s${cached ? ', verdict from the cache' : ''} · <a href="#grid">grid</a>${goOn}</p>
</details>
`;
}

function findingHtml(
  scenario: string,
  finding: Finding,
  index: number,
  numbers: FilterNumbers,
  detail: ScenarioDetail,
): Html {
  const { channel, kind, message, cause, hint, divergence } = finding;
  const anchor = findingAnchor(scenario, index);
  const places =
    divergence === undefined
      ? []
      : (['old', 'new'] as const).flatMap((side) => {
          const position = divergence[side];
          return position === undefined ? [] : [`${side.toUpperCase()} at ${positionWords(position)}`];
        });
  return html`<article class="finding" id="${anchor}" tabindex="-1" data-column="${numbers.columnOf(finding)}" data-kind="${numbers.kindOf(finding)}" data-cause="${numbers.causeOf(finding)}">
<h3>${channel === undefined ? undefined : html`${channel} `}<span class="kind-word">${kind}</span></h3>
<p>${message}</p>
${cause === undefined ? undefined : html`<p class="cause"><strong>Cause:</strong> ${cause}</p>`}${hint === undefined ? undefined : html`<p>Next step: ${hint}</p>`}${places.length === 0 ? undefined : html`<p class="places">${places.join('; ')}</p>`}
${detail === 'full' && divergence?.hunk !== undefined ? hunkHtml(divergence, anchor) : undefined}</article>
`;
}

/** Text and hexadecimal numbers, one of which is shown: a choice that needs no script. */
function hunkHtml(divergence: Divergence, anchor: string): Html {
  const { rows, left } = diffRows(divergence);
  const around = { before: 48, after: 80 };
  const dumps = (['old', 'new'] as const).flatMap((side) => {
    const view = sideView(divergence, side, around);
    if (view === undefined) return [];
    const lines = hexdump(view.around, { offset: view.offset, width: 8, mark: view.mark });
    return [{ side, text: lines.length === 0 ? '(no bytes)' : lines.join('\n') }];
  });
  const more =
    left === 0 ? undefined : html`<p class="places">${left} more lines of this region are not drawn here.</p>`;
  if (dumps.length === 0) return html`${htmlDiff(rows)}${more}`;
  const name = `view-${anchor}`;
  const hexes = dumps.map(
    ({ side, text }) =>
      html`<div><h4>${side.toUpperCase()}</h4><pre tabindex="0">${text.split('\n').map((line) => html`${line}<br>`)}</pre></div>`,
  );
  return html`<div class="hunk"><label><input type="radio" name="${name}" value="text" checked> Text</label> <label><input type="radio" name="${name}" value="hex"> Hex</label>
<div class="as-text">${htmlDiff(rows)}</div><div class="as-hex">${hexes}</div>${more}</div>
`;
}
