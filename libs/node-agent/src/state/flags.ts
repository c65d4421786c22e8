import type { Step } from '../config/config.ts';
import type { CheckMode } from '../config/modes.ts';
import { directoryOf, emptyFile, exists, makeDirectories, writeText } from '../files/paths.ts';
import type { Clock } from '../time/clock.ts';
import { localText } from '../time/time-text.ts';
import { marker } from './marker.ts';
import type { StatePlace } from './state-place.ts';

/** Where the flag of a step is: `{state}/flags/{package}/{version}/{step path}_{marker}`, the same in every mode (contract, section 7). */
export function stepFlag(place: StatePlace, step: Pick<Step, 'path' | 'arguments' | 'returnCodes'>): string {
  return `${place.directory}/flags/${place.packageName}/${place.packageVersion}/${step.path}_${marker(step.arguments, step.returnCodes)}`;
}

/** Whether a step has its flag: anything counts, also a directory; a dangling link does not, nor does a name that is too long (T14). */
export function isFlagged(flag: string): boolean {
  return exists(flag);
}

/** Writes the flag of a step that succeeded. Crashes where its name is too long or its directory cannot be made (T14). */
export function writeStepFlag(flag: string, step: Pick<Step, 'idempotence'>, clock: Clock): void {
  makeDirectories(directoryOf(flag));
  const stepAlwaysRuns = step.idempotence === 'Disabled' ? 'True' : 'False';
  writeText(flag, `last_run: ${localText(clock.now())}\nstep_always_runs: ${stepAlwaysRuns}`);
}

/** Writes `flags/START`, which says that a run of steps has begun. */
export function writeStart(place: Pick<StatePlace, 'directory'>): void {
  makeDirectories(`${place.directory}/flags`);
  emptyFile(`${place.directory}/flags/START`);
}

/** Writes `flags/{mode}_ALL_CHECKED`, which is shared by all packages and never removed (T36). */
export function writeAllChecked(place: Pick<StatePlace, 'directory'>, mode: CheckMode): void {
  emptyFile(`${place.directory}/flags/${mode}_ALL_CHECKED`);
}
