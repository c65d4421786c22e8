import { type Annotation, annotationLines } from '@baton/report';
import type { ParityResult, ScenarioVerdict } from '../model/verdict.ts';
import { causeKey, findingSentence, findingsOf } from './findings.ts';
import { STATES } from './words.ts';

/** Where a scenario is written down, from the repository's root with `/`; undefined where it has no file there. */
export type ScenarioFileOf = (scenario: string) => { file: string; line?: number } | undefined;

/**
 * Annotations for a GitHub job, as workflow commands, a line each, with a newline behind each; empty when all is well. They
 * point at the scenarios' files. At most ten of a type are shown there, so scenarios with a cause of their own come first.
 */
export function reportAnnotations(result: ParityResult, scenarioFileOf: ScenarioFileOf): string {
  const all = [
    ...result.faults.map(faultAnnotation),
    ...byCause(result.scenarios).flatMap((one) => annotationOf(one, scenarioFileOf)),
  ];
  return annotationLines(all)
    .map((line) => `${line}\n`)
    .join('');
}

function faultAnnotation({ code, message, hint }: ParityResult['faults'][number]): Annotation {
  return {
    type: 'error',
    title: `parity: ${code}`,
    message: hint === undefined ? message : `${message}\nhint: ${hint}`,
  };
}

function annotationOf(verdict: ScenarioVerdict, scenarioFileOf: ScenarioFileOf): Annotation[] {
  const { scenario, state } = verdict;
  const [first, ...more] = findingsOf(verdict);
  if (first === undefined) return [];
  const { cause } = first;
  const place = scenarioFileOf(scenario);
  const lines = [
    findingSentence(first),
    ...(cause === undefined ? [] : [`cause: ${cause}`]),
    ...(more.length === 0 ? [] : [`and ${more.length} more in this scenario`]),
  ];
  return [
    {
      type: state === 'diverged' ? 'error' : 'warning',
      title: `${scenario}: ${STATES[state].word}`,
      message: lines.join('\n'),
      ...(place === undefined ? {} : { file: place.file, line: place.line ?? 1 }),
    },
  ];
}

/** The first scenario of each cause, then the others, each in their order. */
function byCause(verdicts: readonly ScenarioVerdict[]): ScenarioVerdict[] {
  const seen = new Set<string>();
  const first: ScenarioVerdict[] = [];
  const others: ScenarioVerdict[] = [];
  for (const verdict of verdicts) {
    const [finding] = findingsOf(verdict);
    const key = finding === undefined ? '' : causeKey(finding);
    (seen.has(key) ? others : first).push(verdict);
    seen.add(key);
  }
  return [...first, ...others];
}
