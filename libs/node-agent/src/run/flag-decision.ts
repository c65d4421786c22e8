import type { Step } from '../config/config.ts';
import { isApplyMode } from '../config/modes.ts';
import type { AgentContext } from '../context.ts';
import { isFlagged } from '../state/flags.ts';
import type { StepRun } from './step-run.ts';

/**
 * Whether a step is to run in an apply-type mode; prints why where its flag exists (contract, section 8 item 4, T18).
 *
 * Always-run outranks the mode, and the mode outranks `Idempotence.Disabled`. Check modes never look at flags.
 */
export function isToRun(context: Pick<AgentContext, 'stdout'>, run: StepRun, step: Step, flag: string): boolean {
  if (!isApplyMode(run.mode) || !isFlagged(flag)) return true;
  const { reason, runs } = decision(run, step, flag);
  context.stdout.print(reason);
  return runs;
}

function decision(run: StepRun, step: Step, flag: string): { reason: string; runs: boolean } {
  if (run.settings.alwaysRunStep) {
    return {
      reason: `WARNING: ${flag} exists for ${step.path} but OVERLAY_ALWAYS_RUN_STEP flag is set so running anyway.`,
      runs: true,
    };
  }
  if (run.mode === 'config' || run.mode === 'uninstall' || run.mode === 'upgrade') {
    return {
      reason: `Flag exists but CONFIG, UNINSTALL, and UPGRADE mode don't support idempotence so running step anyway.`,
      runs: true,
    };
  }
  if (step.idempotence === 'Disabled')
    return { reason: 'Flag exists but idempotence is Idempotence.Disabled so running step.', runs: true };
  return { reason: `Skipping ${step.path} because ${flag} exists.`, runs: false };
}
