import { plural } from '@baton/kernel';
import { visibleText } from '@baton/report';
import type { GoldenAcceptance } from './accept-goldens.ts';
import type { GoldenCheck } from './check-goldens.ts';
import type { GoldenPruning } from './prune-goldens.ts';
import type { GoldenRecord } from './record-goldens.ts';

/** What recording did, for people: a line for each golden that is not as it was. */
export function reportRecord({ old, scenarios }: GoldenRecord): string {
  const lines = scenarios.flatMap(({ scenario, state, detail, problem }) => {
    if (state === 'unchanged') return [];
    const why = problem === undefined ? detail : `${problem.code}: ${problem.message}`;
    return [`  ${state.padEnd(8)} ${scenario}${why === undefined ? '' : visibleText(`: ${why}`)}`];
  });
  const counts = (['new', 'changed', 'unchanged', 'refused'] as const)
    .map((state) => [state, scenarios.filter((outcome) => outcome.state === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`);
  return [
    `OLD ${visibleText(old.name)} (${old.digest}), run twice`,
    ...lines,
    `${plural(scenarios.length, 'golden')}: ${counts.join(', ')}`,
  ].join('\n');
}

/** What a check found, for people: each problem with its next step. */
export function reportCheck({ scenarios, goldens, origins, problems }: GoldenCheck): string {
  const sources = Object.entries(origins).map(([kind, count]) => `${count} ${kind}`);
  const summary = `${plural(scenarios, 'scenario')}, ${plural(goldens, 'golden')}${sources.length === 0 ? '' : ` (${sources.join(', ')})`}`;
  if (problems.length === 0) return `${summary}: every scenario has its golden, and every golden is whole.`;
  const lines = problems.flatMap(({ code, message, hint }) => [
    `  ${code}: ${visibleText(message)}`,
    ...(hint === undefined ? [] : [`    ${visibleText(hint)}`]),
  ]);
  return [`${summary}: ${plural(problems.length, 'problem')}`, ...lines].join('\n');
}

/** What was accepted, for people. */
export function reportAcceptance({ new: identity, accepted, unchanged }: GoldenAcceptance): string {
  const lines = [
    ...accepted.map((id) => `  accepted  ${id}`),
    ...unchanged.map((id) => `  unchanged ${id}: NEW did what its golden says`),
  ];
  if (accepted.length === 0) return [...lines, 'Nothing to accept: nothing diverged in the last run.'].join('\n');
  const marked = accepted.length === 1 ? 'is' : 'are';
  return [
    ...lines,
    `${plural(accepted.length, 'golden')} ${marked} now what NEW did: ${visibleText(identity.name)} (${identity.digest}).`,
    'They are marked accepted-from-new, and every report counts them.',
  ].join('\n');
}

/** What was pruned, for people. */
export function reportPruning({ removed, kept, dryRun }: GoldenPruning): string {
  if (removed.length === 0) return `Nothing to prune: each of ${plural(kept, 'golden')} has a scenario.`;
  const verb = dryRun ? 'would be removed' : 'removed';
  return [...removed.map((id) => `  ${verb} ${id}`), `${plural(removed.length, 'golden')} ${verb}, ${kept} stay.`].join(
    '\n',
  );
}
