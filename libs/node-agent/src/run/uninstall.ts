import { remove } from '../files/paths.ts';
import { isFlagged, stepFlag } from '../state/flags.ts';
import { type StepRun, statePlace } from './step-run.ts';

/**
 * Removes the flag of every step of every mode of the config, after a passed `uninstall-check` (contract, section 8).
 *
 * Only those: flags of steps that the config no longer has, and directories that become empty, stay.
 */
export function removeStepFlags(run: StepRun): void {
  const place = statePlace(run);
  for (const step of [...run.config.modes.values()].flat()) {
    const flag = stepFlag(place, step);
    if (isFlagged(flag)) remove(flag);
  }
}
