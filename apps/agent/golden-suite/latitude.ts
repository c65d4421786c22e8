import type { Scenario } from './scenario.ts';

/** A point in which a candidate may differ from a recording. */
export interface Latitude {
  scenario: string;
  /** Where, as a difference calls it: the whole of it, or its beginning up to a blank or a slash. */
  where: string;
  reason: string;
}

/** What belongs to the recorder and not to the agent. Nothing else is excused; section 21 of the contract is used for words only, below. */
export const LATITUDE: readonly Latitude[] = ['clock-same-second-log', 'clock-zero-microseconds'].map((scenario) => ({
  scenario,
  where: 'container /dev',
  reason: 'The clock of the recording was frozen by a preloaded library, which keeps shared memory in /dev/shm.',
}));

/**
 * Where the message of a crash report is worded by the reference's schema validator. Section 21 asks for a report there and for no
 * wording; our own reports are held to the error's type, and tell the place in the document, which the reference does not.
 */
export const WORDED_BY_A_VALIDATOR: readonly string[] = [
  'config-missing-package-name',
  'config-mode-not-list',
  'config-name-pattern',
  'config-step-arg-number',
  'config-step-env-null',
  'config-step-env-number',
  'config-step-missing-key',
  'config-step-returncodes-empty',
  'config-version-not-semver',
  'config-version-prefix-v',
];

/** The scenario at the level of crash reports that our agent keeps: to the letter wherever the words are not a validator's. */
export function atOwnLevel(scenario: Scenario): Scenario {
  return { ...scenario, traceback_level: WORDED_BY_A_VALIDATOR.includes(scenario.name) ? 'typed' : 'strict' };
}
