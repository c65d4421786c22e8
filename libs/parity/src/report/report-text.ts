import { styleText } from 'node:util';
import { plural } from '@baton/kernel';
import { displayWidth, fitText, visibleText, withoutCommands } from '@baton/report';
import type { ParityResult, ScenarioVerdict } from '../model/verdict.ts';
import { findingText, wrap } from './finding-text.ts';
import { causeGroups, findingsOf, isGood } from './findings.ts';
import {
  countWords,
  identityWords,
  STATES,
  type Suite,
  scopeWords,
  suitesOf,
  verdictWords,
  worstState,
} from './words.ts';

/** How a result is drawn in text. */
export interface TextOptions {
  /** Columns (100). */
  width?: number;
  color?: boolean;
  /** Of the process: in GitHub Actions workflow commands are switched off around the text. */
  env?: NodeJS.ProcessEnv;
  /** The command that runs one scenario again; `baton parity run --only <id>` by default. */
  rerun?: (scenario: string) => string;
  /** Where the HTML page lies: it is named under each failing scenario. */
  page?: string;
  /** Failing scenarios that are drawn (50); the rest is counted. */
  limit?: number;
}

interface View {
  width: number;
  paint: (style: 'red' | 'green' | 'yellow' | 'dim' | 'bold', text: string) => string;
  rerun: (scenario: string) => string;
  page: string | undefined;
}

/**
 * A result for a terminal or a log: a line per suite, each failing scenario once with its first divergence (OLD above NEW, a
 * caret, bytes as hexadecimal numbers), then how many are in which state. Ends with a newline.
 *
 * Everything that came from a subject is escaped. Nothing is said by colour alone.
 */
export function reportText(result: ParityResult, options: TextOptions = {}): string {
  const view: View = {
    width: Math.max(40, options.width ?? 100),
    paint: (style, text) => (options.color === true ? styleText(style, text, { validateStream: false }) : text),
    rerun: options.rerun ?? ((scenario) => `baton parity run --only ${scenario}`),
    page: options.page,
  };
  const failing = result.scenarios.filter(({ state }) => !isGood(state));
  const limit = options.limit ?? 50;
  const parts = [
    subjectLines(result, view),
    suiteLines(suitesOf(result.scenarios), view),
    ...failing.slice(0, limit).map((verdict) => scenarioLines(verdict, view)),
    failing.length > limit
      ? [
          `and ${plural(failing.length - limit, 'more scenario')} that ${failing.length - limit === 1 ? 'is' : 'are'} not equal`,
        ]
      : [],
    ...result.faults.map((fault) => [
      `${view.paint('red', `✗ ${visibleText(fault.code)}:`)} ${visibleText(fault.message)}`,
      ...(fault.hint === undefined ? [] : [`  hint: ${visibleText(fault.hint)}`]),
    ]),
    causeLines(result, view),
    endLines(result, view),
  ];
  const text = `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
  return options.env?.GITHUB_ACTIONS === 'true' ? withoutCommands(text) : text;
}

function subjectLines({ project, old, new: now, tier }: ParityResult, { width }: View): string[] {
  return [`parity ${project}, tier ${tier}`, `OLD ${identityWords(old)}`, `NEW ${identityWords(now)}`].flatMap((line) =>
    wrap(line, width),
  );
}

function suiteLines(suites: readonly Suite[], view: View): string[] {
  const labels = suites.map(({ name }) => fitText(visibleText(name), Math.max(12, view.width - 50)));
  const widest = Math.max(0, ...labels.map(displayWidth));
  return suites.map(({ verdicts, counts }, index) => {
    const { sign, look } = STATES[worstState(verdicts.map(({ state }) => state))];
    const seconds = verdicts.reduce((sum, verdict) => sum + verdict.seconds, 0);
    const style = look === 'good' ? 'green' : look === 'bad' ? 'red' : 'yellow';
    const label = labels[index] ?? '';
    const space = ' '.repeat(widest - displayWidth(label));
    return `${view.paint(style, sign)} ${label}${space}  ${countWords(counts)}  ${view.paint('dim', `${seconds.toFixed(1)} s`)}`;
  });
}

/** Causes that several scenarios share: one fix may do for all of them. */
function causeLines({ scenarios }: ParityResult, view: View): string[] {
  const shared = causeGroups(scenarios).filter((group) => group.cause !== undefined && group.scenarios.length > 1);
  const lines = shared
    .slice(0, 10)
    .flatMap((group) => wrap(`${group.scenarios.length} scenarios, one cause: ${group.cause ?? ''}`, view.width));
  return shared.length > 10 ? [...lines, `and ${plural(shared.length - 10, 'more shared cause')}`] : lines;
}

function scenarioLines(verdict: ScenarioVerdict, view: View): string[] {
  const { scenario, why, state } = verdict;
  const { sign, word, look } = STATES[state];
  const findings = findingsOf(verdict);
  const [first, ...more] = findings;
  const head = view.paint(look === 'bad' ? 'red' : 'yellow', `${sign} ${word.toUpperCase()}`);
  const lines = [`${head} ${view.paint('bold', visibleText(scenario))}`, ...indented(why, view)];
  if (first !== undefined)
    lines.push(...findingText(first, { width: view.width - 2, paint: view.paint }).map((line) => `  ${line}`));
  if (more.length > 0) {
    const named = more.slice(0, 4).map(({ channel, kind }) => `${channel === undefined ? '' : `${channel} `}${kind}`);
    const rest = more.length > named.length ? `, and ${more.length - named.length} more` : '';
    lines.push(...indented(`also: ${named.join(', ')}${rest}`, view));
  }
  lines.push(`  rerun: ${visibleText(view.rerun(scenario))}`);
  if (view.page !== undefined) lines.push(`  open:  ${visibleText(`${view.page}#${scenario}`)}`);
  return lines;
}

function indented(text: string, { width }: View): string[] {
  return wrap(text, width - 2).map((line) => `  ${line}`);
}

function endLines(result: ParityResult, view: View): string[] {
  const { state, word, text } = verdictWords(result);
  const style = state === 'good' ? 'green' : state === 'bad' ? 'red' : 'yellow';
  const lines = wrap(`${word}: ${text}`, view.width);
  return [
    ...lines.map((line, index) => (index === 0 ? line.replace(word, view.paint(style, word)) : line)),
    ...scopeWords(result).flatMap((sentence) => wrap(sentence, view.width)),
    `Exit code ${result.exitCode}, after ${result.seconds.toFixed(1)} s.`,
  ];
}
