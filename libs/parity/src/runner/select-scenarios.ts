import { BatonError, nearest } from '@baton/kernel';
import type { Scenario } from '../model/scenario.ts';
import type { ParityResult } from '../model/verdict.ts';

/** The scenarios that were asked for, and how that is shown; without words it is all of them. */
export interface Selection {
  scenarios: Scenario[];
  selection?: NonNullable<ParityResult['selection']>;
}

/**
 * Selects scenarios by words and tags: a word is an id, or the first part of ids (`stream/`, or `stream` for `stream/...`); a scenario
 * that fits any word and has any of the tags is taken.
 *
 * Words and tags that fit nothing are `SCENARIO_NOT_FOUND`: a run of nothing would be green for the wrong reason.
 */
export function selectScenarios(
  suite: readonly Scenario[],
  asked: { only: readonly string[]; tag: readonly string[] },
): Selection {
  for (const word of asked.only) {
    if (!suite.some(({ id }) => fitsWord(id, word)))
      throw unknown(
        'scenario',
        word,
        suite.map(({ id }) => id),
      );
  }
  const tags = [...new Set(suite.flatMap((scenario) => scenario.tags))];
  for (const tag of asked.tag) if (!tags.includes(tag)) throw unknown('tag', tag, tags);
  const words = [...asked.only, ...asked.tag.map((tag) => `tag ${tag}`)];
  if (words.length === 0) return { scenarios: [...suite] };
  const scenarios = suite.filter(
    (scenario) =>
      (asked.only.length === 0 || asked.only.some((word) => fitsWord(scenario.id, word))) &&
      (asked.tag.length === 0 || asked.tag.some((tag) => scenario.tags.includes(tag))),
  );
  if (scenarios.length === 0) {
    throw new BatonError('SCENARIO_NOT_FOUND', `no scenario fits ${words.join(' and ')}`, {
      hint: '"baton parity list" shows ids and tags.',
    });
  }
  return { scenarios, selection: { of: suite.length, by: words.join(', ') } };
}

/** Whether an id is meant by a word: the id itself, or the first part of it up to a slash. */
export function fitsWord(id: string, word: string): boolean {
  return id === word || id.startsWith(word.endsWith('/') ? word : `${word}/`);
}

function unknown(noun: string, word: string, known: readonly string[]): BatonError {
  const meant = nearest(word, known);
  return new BatonError('SCENARIO_NOT_FOUND', `no ${noun} is called ${JSON.stringify(word)}`, {
    hint: meant === undefined ? '"baton parity list" shows ids and tags.' : `Did you mean ${meant}?`,
  });
}
