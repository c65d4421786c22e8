import type { Config, Step } from '../config/config.ts';
import type { Invocation } from '../config/invocation.ts';
import type { StepMode } from '../config/modes.ts';
import type { Settings } from '../config/settings.ts';
import type { PyValue } from '../python-text/index.ts';
import type { StatePlace } from '../state/state-place.ts';

/** Everything that a run of the steps of one mode was given. */
export interface StepRun {
  readonly mode: StepMode;
  readonly invocation: Invocation;
  readonly settings: Settings;
  readonly config: Config;
}

/** A step with what the mode adds to it: the versions of an upgrade (contract, section 8 item 3). */
export interface PreparedStep {
  readonly step: Step;
  /** Those of the config, and the versions where the step is an upgrade step. The previous version may be anything (section 12). */
  readonly arguments: readonly PyValue[];
  /** That of the config, and the versions in upgrade modes. */
  readonly env: ReadonlyMap<string, PyValue>;
}

/** Where the state of the package of a run is. */
export function statePlace(run: StepRun): StatePlace {
  const directory = `${run.invocation.rootMount}${run.settings.rootDir}`;
  return { directory, packageName: run.config.packageName, packageVersion: run.config.packageVersion };
}
