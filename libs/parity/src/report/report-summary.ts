import { plural } from '@baton/kernel';
import { markdownFence, markdownTable, markdownText, SUMMARY_LIMIT } from '@baton/report';
import type { ParityResult, ScenarioState, ScenarioVerdict } from '../model/verdict.ts';
import { findingText } from './finding-text.ts';
import { causeGroups, causeLabel, findingsOf, isGood } from './findings.ts';
import { identityWords, STATE_NAMES, STATES, scopeWords, suitesOf, verdictWords, worstState } from './words.ts';

/** Divergences that are shown whole. */
const SHOWN = 20;
/** Suites and causes that have a row of their own. */
const ROWS = 200;

/** How large a summary may be. */
export interface SummaryOptions {
  /** Bytes; GitHub's limit (1 MiB) by default. */
  limit?: number;
}

/**
 * A result as the summary of a GitHub job: the verdict, a table of suites, causes, and at most twenty divergences in fences
 * that nothing inside can close. What does not fit is left out from the end, and the summary says so.
 */
export function reportSummary(result: ParityResult, { limit = SUMMARY_LIMIT }: SummaryOptions = {}): string {
  const failing = result.scenarios.filter(({ state }) => !isGood(state));
  const blocks = [headBlock(result), faultBlock(result), suiteBlock(result), causeBlock(failing)];
  const shown = failing.slice(0, SHOWN).map(scenarioBlock);
  const room = limit - 200;
  let text = '';
  let left = 0;
  for (const block of [...blocks, ...shown]) {
    if (Buffer.byteLength(text) + Buffer.byteLength(block) > room || left > 0) left += 1;
    else text += block;
  }
  const missing = failing.length - shown.length + left;
  if (missing > 0)
    text += `\n${plural(missing, 'more part')} of this result: see \`report.html\`, or \`baton parity show\`.\n`;
  return text;
}

function headBlock(result: ParityResult): string {
  const { word, text } = verdictWords(result);
  const sign =
    result.exitCode === 0 ? STATES.equal.sign : result.exitCode === 4 ? STATES.undetermined.sign : STATES.diverged.sign;
  const facts = [
    `OLD: ${identityWords(result.old)}`,
    `NEW: ${identityWords(result.new)}`,
    `Tier ${result.tier}, exit code ${result.exitCode}.`,
  ];
  const scope = scopeWords(result).map(markdownText).join(' ');
  return [
    `## ${sign} Parity of ${markdownText(result.project)}: ${markdownText(word)}\n`,
    `${markdownText(text)}\n`,
    `${facts.map(markdownText).join('<br>')}\n`,
    `${scope}\n`,
    '',
  ].join('\n');
}

function faultBlock({ faults }: ParityResult): string {
  if (faults.length === 0) return '';
  const rows = faults.slice(0, ROWS).map(({ code, message, hint = '' }) => [code, message, hint]);
  return `${markdownTable(['Fault of the run', 'What', 'Next step'], rows)}\n`;
}

function suiteBlock({ scenarios }: ParityResult): string {
  const suites = suitesOf(scenarios);
  if (suites.length === 0) return '';
  const rows = suites.slice(0, ROWS).map(({ name, verdicts, counts }) => {
    const state = worstState(verdicts.map((verdict) => verdict.state));
    return [`${STATES[state].sign} ${name}`, ...STATE_NAMES.map((one) => String(counts[one]))];
  });
  const header = ['Suite', ...STATE_NAMES.map((state: ScenarioState) => STATES[state].word)];
  const more = suites.length > ROWS ? `\n${suites.length - ROWS} more suites\n` : '';
  return `${markdownTable(header, rows, ['left', ...STATE_NAMES.map(() => 'right' as const)])}${more}\n`;
}

function causeBlock(failing: readonly ScenarioVerdict[]): string {
  const groups = causeGroups(failing).filter(({ scenarios }) => scenarios.length > 1);
  if (groups.length === 0) return '';
  const rows = groups.slice(0, ROWS).map((group) => [causeLabel(group), String(group.scenarios.length)]);
  return `### One cause, several scenarios\n\n${markdownTable(['Cause', 'Scenarios'], rows, ['left', 'right'])}\n`;
}

function scenarioBlock(verdict: ScenarioVerdict): string {
  const { sign, word } = STATES[verdict.state];
  const findings = findingsOf(verdict);
  const [first] = findings;
  const more = findings.length > 1 ? `\nand ${findings.length - 1} more in this scenario` : '';
  const body = first === undefined ? '' : markdownFence(`${findingText(first).join('\n')}${more}`);
  return `### ${sign} ${markdownText(verdict.scenario)}: ${word}\n\n${markdownText(verdict.why)}\n\n${body}\n`;
}
