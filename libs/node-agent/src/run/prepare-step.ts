import type { Step } from '../config/config.ts';
import type { AgentContext } from '../context.ts';
import type { PyValue } from '../python-text/index.ts';
import { previousVersion } from '../state/history.ts';
import { type PreparedStep, type StepRun, statePlace } from './step-run.ts';

/**
 * What the mode adds to a step (contract, section 8 item 3).
 *
 * In the upgrade modes the history is read for every step, which may print; the versions win over variables of the same names in
 * the config, and an upgrade step gets them as arguments.
 */
export function prepareStep(context: Pick<AgentContext, 'stdout' | 'clock'>, run: StepRun, step: Step): PreparedStep {
  if (run.mode !== 'upgrade' && run.mode !== 'upgrade-check') return { step, arguments: step.arguments, env: step.env };
  const current = run.config.packageVersion;
  const previous = previousVersion(context, statePlace(run));
  const env = new Map<string, PyValue>(step.env).set('CURRENT_VERSION', current).set('PREVIOUS_VERSION', previous);
  return { step, arguments: step.upgradeStep ? [...step.arguments, previous, current] : step.arguments, env };
}
