import { type JunitCase, junitXml } from '@baton/report';
import type { ParityResult, ScenarioVerdict } from '../model/verdict.ts';
import { findingText } from './finding-text.ts';
import { findingSentence, findingsOf } from './findings.ts';
import { suiteOf, suitesOf } from './words.ts';

/**
 * A result as JUnit XML: a suite per folder, a case per scenario. `failure` is the first divergence, `error` what could not be
 * determined, `skipped` what was not run and says why. What is wrong with the run as a whole is a case of its own, so that no
 * reader sees green where nothing was proved.
 */
export function reportJunit(result: ParityResult): string {
  const suites = suitesOf(result.scenarios).map(({ name, verdicts }) => ({ name, cases: verdicts.map(scenarioCase) }));
  const faults = result.faults.map(({ code, message, hint }) => ({
    name: code,
    className: result.project,
    seconds: 0,
    outcome: { kind: 'error' as const, type: code, message, ...(hint === undefined ? {} : { text: `hint: ${hint}` }) },
  }));
  const whole = faults.length > 0 || result.scenarios.length > 0 ? faults : [emptyCase(result.project)];
  return junitXml(`parity ${result.project}`, [
    ...(whole.length === 0 ? [] : [{ name: 'the run as a whole', cases: whole }]),
    ...suites,
  ]);
}

function emptyCase(project: string): JunitCase {
  const outcome = {
    kind: 'error' as const,
    type: 'PARITY_EMPTY',
    message: 'No scenario was run, so nothing is proved.',
  };
  return { name: 'PARITY_EMPTY', className: project, seconds: 0, outcome };
}

function scenarioCase(verdict: ScenarioVerdict): JunitCase {
  const { scenario, seconds, declared } = verdict;
  const outcome = outcomeOf(verdict);
  const notes = [
    ...declared.map(({ declaration, divergences }) => {
      const { channel, reason, until } = declaration;
      return `declared divergence in ${channel} until ${until}: ${reason} (${divergences.length} found)`;
    }),
    ...(verdict.cached ? ['The verdict is from the cache.'] : []),
  ];
  return {
    name: scenario,
    className: suiteOf(scenario),
    seconds,
    ...(outcome === undefined ? {} : { outcome }),
    ...(notes.length === 0 ? {} : { output: notes.join('\n') }),
  };
}

function outcomeOf(verdict: ScenarioVerdict): JunitCase['outcome'] {
  const { state, reason } = verdict;
  if (state === 'not-run' && reason !== undefined) return { kind: 'skipped', type: 'not-run', message: reason };
  const findings = findingsOf(verdict);
  const [first] = findings;
  if (first === undefined) return undefined;
  const kind = state === 'diverged' ? 'failure' : 'error';
  const more = findings.length > 1 ? `\n\nand ${findings.length - 1} more` : '';
  const message = findingSentence(first);
  return { kind, type: first.kind, message, text: `${verdict.why}\n\n${findingText(first).join('\n')}${more}\n` };
}
