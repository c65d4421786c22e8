import { formatBytes, plural, VERSION } from '@baton/kernel';
import {
  DIFF_STYLE,
  type Html,
  html,
  htmlBytesLegend,
  htmlFacts,
  htmlPage,
  htmlSection,
  htmlText,
  markupSize,
} from '@baton/report';
import type { ParityResult, ScenarioVerdict } from '../model/verdict.ts';
import { causeGroups, causeKey, causeLabel, type Finding, findingsOf, isGood } from './findings.ts';
import { type GridColumns, gridColumns } from './grid-columns.ts';
import { causesSection, faultsSection, identitySection, ledgerSection } from './html-facts.ts';
import { type FilterLists, filterForm } from './html-filters.ts';
import { parityGrid } from './html-grid.ts';
import { type FilterNumbers, type ScenarioDetail, scenarioHtml } from './html-scenario.ts';
import { PARITY_SCRIPT } from './html-script.ts';
import { PARITY_STYLE } from './html-style.ts';
import { timelineLegend } from './html-timeline.ts';
import { identityWords, type Suite, scopeWords, suiteOf, suitesOf, verdictWords } from './words.ts';

/** How large a page may be. */
export interface HtmlOptions {
  /** Bytes (5 MB). What does not fit is left out, what is equal first, and the page says so. */
  limit?: number;
}

/**
 * A result as one self-contained page: verdict, causes, the grid of scenarios and channels, each scenario with its timeline and
 * its hunks beside each other, what tokens hid, and who was compared. Everything is there without script, which adds filters.
 */
export function reportHtml(result: ParityResult, { limit = 5_000_000 }: HtmlOptions = {}): string {
  const columns = gridColumns(result.scenarios);
  const suites = suitesOf(result.scenarios);
  const groups = causeGroups(result.scenarios);
  const lists: FilterLists = {
    suites: suites.map(({ name }) => name),
    columns: columns.names,
    kinds: [...new Set(result.scenarios.flatMap((verdict) => findingsOf(verdict).map(({ kind }) => kind)))].sort(),
    causes: groups.map((group) => `${causeLabel(group)} (${group.scenarios.length})`),
  };
  const numbersOf = filterNumbers(lists, columns, groups.map(causeKey));
  const { state, word, text } = verdictWords(result);
  const frame = {
    top: [summarySection(result), ...faultsSection(result)],
    bottom: [ledgerSection(result, columns), identitySection(result, VERSION)],
  };
  // Style, script and the words around take some thirty thousand bytes.
  const room =
    limit - 60_000 - markupSize([...frame.top, ...causesSection(groups), ...frame.bottom, filterForm(lists)]);
  const grid = fittingGrid(suites, columns, room / 2);
  const drawn = fittingScenarios(result.scenarios, numbersOf, room - grid.size);
  const left = [...grid.left, ...drawn.left];
  const isDrawn = (scenario: string): boolean => drawn.ids.has(scenario);
  return htmlPage({
    title: `Parity of ${result.project}`,
    kind: 'Parity report',
    verdict: { state, word, text },
    styles: [DIFF_STYLE, PARITY_STYLE],
    scripts: [PARITY_SCRIPT],
    parts: [
      ...frame.top,
      ...causesSection(groups, isDrawn),
      ...(left.length === 0
        ? []
        : [
            htmlSection(
              'Left out',
              htmlText(
                `This page is kept under ${formatBytes(limit)}. ${left.join(' ')} The whole result is in result.json beside it.`,
              ),
            ),
          ]),
      result.scenarios.length === 0 ? html`` : filterForm(lists),
      html`<section id="grid" aria-label="Parity grid"><h2>Parity grid</h2>
${result.scenarios.length === 0 ? htmlText('No scenario was run, so nothing is proved.') : parityGrid(grid.suites, columns, isDrawn)}</section>
`,
      htmlSection('Scenarios', htmlBytesLegend(), timelineLegend(), ...drawn.parts),
      ...frame.bottom,
    ],
  });
}

function summarySection(result: ParityResult): Html {
  return htmlSection(
    'Compared',
    htmlFacts([
      ['OLD', identityWords(result.old)],
      ['NEW', identityWords(result.new)],
      ['Scope', scopeWords(result).join(' ')],
    ]),
  );
}

function filterNumbers(
  lists: FilterLists,
  { columnOf }: GridColumns,
  causes: readonly string[],
): (verdict: ScenarioVerdict) => FilterNumbers {
  return ({ scenario }) => ({
    suite: lists.suites.indexOf(suiteOf(scenario)),
    columnOf: ({ channel }) => (channel === undefined ? -1 : lists.columns.indexOf(columnOf(channel))),
    kindOf: ({ kind }) => lists.kinds.indexOf(kind),
    causeOf: (finding: Finding) => causes.indexOf(causeKey(finding)),
  });
}

/** The grid; when it is too large, only what is not equal; when that is too large as well, the beginning of it. */
function fittingGrid(
  suites: readonly Suite[],
  columns: GridColumns,
  room: number,
): { suites: readonly Suite[]; size: number; left: string[] } {
  const size = markupSize([parityGrid(suites, columns)]);
  if (size <= room) return { suites, size, left: [] };
  const failing = suites.flatMap(({ verdicts }) => verdicts.filter(({ state }) => !isGood(state)));
  for (let count = failing.length; ; count = Math.floor(count / 2)) {
    const some = suitesOf(failing.slice(0, count));
    const less = markupSize([parityGrid(some, columns)]);
    if (count > 0 && less > room) continue;
    const total = suites.reduce((sum, { verdicts }) => sum + verdicts.length, 0);
    return { suites: some, size: less, left: [`The grid has ${count} of ${plural(total, 'scenario')}.`] };
  }
}

/** Scenarios in their order as far as they fit: those that are not equal get room first, and lose their bytes before they go. */
function fittingScenarios(
  verdicts: readonly ScenarioVerdict[],
  numbersOf: (verdict: ScenarioVerdict) => FilterNumbers,
  room: number,
): { parts: Html[]; ids: ReadonlySet<string>; left: string[] } {
  const details = new Map<ScenarioVerdict, ScenarioDetail>();
  const failing = verdicts.filter(({ state }) => !isGood(state));
  const draw = (verdict: ScenarioVerdict, detail: ScenarioDetail, among: readonly ScenarioVerdict[]): Html => {
    const next = among[among.indexOf(verdict) + 1];
    return scenarioHtml(verdict, numbersOf(verdict), {
      detail,
      next: isGood(verdict.state) ? undefined : next?.scenario,
    });
  };
  let used = 0;
  for (const verdict of [...failing, ...verdicts.filter(({ state }) => isGood(state))]) {
    for (const detail of ['full', 'brief'] as const) {
      const size = markupSize([draw(verdict, detail, failing)]);
      if (used + size > room) continue;
      used += size;
      details.set(verdict, detail);
      break;
    }
  }
  // Only now it is known which one is next.
  const drawn = failing.filter((verdict) => details.has(verdict));
  const brief = [...details.values()].filter((detail) => detail === 'brief').length;
  const absent = verdicts.length - details.size;
  return {
    parts: verdicts.flatMap((verdict) => {
      const detail = details.get(verdict);
      return detail === undefined ? [] : [draw(verdict, detail, drawn)];
    }),
    ids: new Set([...details.keys()].map(({ scenario }) => scenario)),
    left: [
      ...(brief === 0 ? [] : [`${plural(brief, 'scenario')} without timeline and bytes.`]),
      ...(absent === 0 ? [] : [`${plural(absent, 'scenario')} not at all.`]),
    ],
  };
}
