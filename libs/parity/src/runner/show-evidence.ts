import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BatonError, nearest } from '@baton/kernel';
import type { ParityResult, ScenarioVerdict } from '../model/verdict.ts';
import type { ParityShowOptions } from '../options.ts';
import { findingText, wrap } from '../report/finding-text.ts';
import { findingsOf } from '../report/findings.ts';
import { reportText } from '../report/report-text.ts';
import { type Evidence, readEvidence } from './evidence-directory.ts';
import { fitsWord } from './select-scenarios.ts';

/** What a run left, as data and as text. */
export interface ShownEvidence {
  result: ParityResult;
  text: string;
}

/**
 * Draws what the last run left: without words as the run itself did; for named scenarios all that was found, what token rules hid, and
 * where the bytes of both sides are kept. Errors: `EVIDENCE_MISSING`, `EVIDENCE_INVALID`, `SCENARIO_NOT_FOUND`.
 *
 * @param options.path a project, or a directory that a run left
 */
export async function showEvidence(options: ParityShowOptions): Promise<ShownEvidence> {
  const inProject = join(options.path, 'dist', 'parity');
  const evidence = await readEvidence(existsSync(join(options.path, 'result.json')) ? options.path : inProject);
  if (options.only.length === 0) return { result: evidence.result, text: reportText(evidence.result) };
  const verdicts = evidence.result.scenarios.filter(({ scenario }) =>
    options.only.some((word) => fitsWord(scenario, word)),
  );
  if (verdicts.length === 0) throw unknown(evidence, options.only);
  return {
    result: { ...evidence.result, scenarios: verdicts },
    text: verdicts.map((verdict) => scenarioText(evidence, verdict).join('\n')).join('\n\n'),
  };
}

function scenarioText(evidence: Evidence, verdict: ScenarioVerdict): string[] {
  const { scenario, why, state, cached, declared, ledger } = verdict;
  const places = (['old', 'new'] as const)
    .map((side) => join(evidence.kept, scenario, side))
    .filter((path) => existsSync(path));
  return [
    `${scenario}: ${state}${cached ? ' (cached)' : ''}`,
    ...indented(wrap(why, 98)),
    ...findingsOf(verdict).flatMap((finding) => ['', ...indented(findingText(finding, { width: 98 }))]),
    ...declared.flatMap(({ declaration, divergences }) => [
      '',
      ...indented(wrap(`declared until ${declaration.until}: ${declaration.reason}`, 98)),
      ...divergences.flatMap(({ channel, kind, message }) => indented(wrap(`${channel}: ${kind}. ${message}`, 98))),
    ]),
    ...(ledger.length === 0 ? [] : ['', '  What token rules hid:']),
    ...ledger.map(
      ({ kind, name, channel, hits, bytes }) => `  ${channel}: ${name ?? kind}, ${hits} times, ${bytes} bytes`,
    ),
    ...(places.length === 0 ? [] : ['', '  What each side did is kept in:', ...places.map((path) => `  ${path}`)]),
  ];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function unknown({ result, directory }: Evidence, words: readonly string[]): BatonError {
  const meant = nearest(
    words[0] ?? '',
    result.scenarios.map(({ scenario }) => scenario),
  );
  return new BatonError('SCENARIO_NOT_FOUND', `no scenario in ${directory} fits ${words.join(' or ')}`, {
    hint: meant === undefined ? '"baton parity show" lists what failed.' : `Did you mean ${meant}?`,
  });
}
