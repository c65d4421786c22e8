import { writeText } from '../files/paths.ts';
import type { StatePlace } from './state-place.ts';

/** How one step of a check run ended. */
export interface CheckResult {
  readonly path: string;
  readonly failed: boolean;
}

/**
 * Writes `flags/check_results`: one line per step, without a newline at the end; `True` means failed (contract, section 7, T13).
 *
 * One file for all packages and all check modes (T36).
 */
export function writeCheckResults(place: Pick<StatePlace, 'directory'>, results: readonly CheckResult[]): void {
  const lines = results.map((result) => `${result.path} ${result.failed ? 'True' : 'False'}`);
  writeText(`${place.directory}/flags/check_results`, lines.join('\n'));
}
