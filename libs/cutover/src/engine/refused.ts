import { displayPath } from '@baton/git';
import { BatonError, plural } from '@baton/kernel';
import { yamlPlaces } from '@baton/manifest';
import type { LoadedCutover } from '../manifest/load-cutover.ts';
import type { Problem } from '../model/plan.ts';

/** Problems that a message shows; `details.problems` has all. */
const SHOWN = 20;

/** The error that lists every problem, each with the line of the manifest that it is about and the file that it was found in. */
export function refused(cutover: LoadedCutover, problems: readonly Problem[]): BatonError {
  const place = placesOf(cutover);
  const [first, ...others] = problems.slice(0, SHOWN).map((problem) => `${place(problem)}${problemWords(problem)}`);
  const rest = problems.length - SHOWN;
  const hint = [
    problems[0]?.hint,
    ...(others.length === 0 ? [] : [`${plural(problems.length - 1, 'more problem')}:`]),
    ...others.map((line) => `  ${line}`),
    ...(rest <= 0 ? [] : [`  and ${rest} more; --json has them all`]),
  ].filter((part) => part !== undefined);
  return new BatonError('CUTOVER_REFUSED', first ?? `${cutover.where}: refused`, {
    ...(hint.length === 0 ? {} : { hint: hint.join('\n') }),
    details: { problems },
  });
}

/** `edits[2] make.var: agent/Makefile:1: the Makefile has no variable "ROOD"`. */
function problemWords({ operation, path, line, message }: Problem): string {
  const where = path === undefined ? '' : displayPath(path);
  const file = where === '' || message.includes(where) ? [] : [line === undefined ? where : `${where}:${line}`];
  return [...(operation === undefined || operation === '' ? [] : [operation]), ...file, message].join(': ');
}

// An operation is called by its list and its number there; a person looks for a line.
function placesOf({ where, bytes }: LoadedCutover): (problem: Problem) => string {
  const places = yamlPlaces(bytes);
  return ({ operation }) => {
    const [, list, index] = /^([a-z]+)\[(\d+)\]/.exec(operation ?? '') ?? [];
    if (places === undefined || list === undefined) return `${where}: `;
    const { line, column } = places([list, Number(index)]);
    return `${where}:${line}:${column}: `;
  };
}
