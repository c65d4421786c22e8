import type { Step } from '../config/config.ts';
import { type CheckMode, isCheckMode } from '../config/modes.ts';
import type { AgentContext } from '../context.ts';
import { repr } from '../python-text/index.ts';
import { type CheckResult, writeCheckResults } from '../state/check-results.ts';
import { stepFlag, writeAllChecked, writeStart, writeStepFlag } from '../state/flags.ts';
import { recordVersion } from '../state/history.ts';
import { isToRun } from './flag-decision.ts';
import { prepareStep } from './prepare-step.ts';
import { runStep } from './run-step.ts';
import { type PreparedStep, type StepRun, statePlace } from './step-run.ts';
import { removeStepFlags } from './uninstall.ts';

/**
 * The steps of one mode, with all state that they leave behind (contract, section 8); gives the exit status.
 *
 * After a SIGTERM no further step begins, and an error that would crash the loop is swallowed: 1 without a report (section 14).
 */
export async function runSteps(context: AgentContext, run: StepRun): Promise<number> {
  try {
    return await stepLoop(context, run);
  } catch (error) {
    if (await context.terminated()) return 1;
    throw error;
  }
}

async function stepLoop(context: AgentContext, run: StepRun): Promise<number> {
  const { mode } = run;
  const place = statePlace(run);
  const steps = run.config.modes.get(mode) ?? [];
  const results: CheckResult[] = [];
  writeStart(place);
  if (steps.length === 0)
    context.stderr.write(`WARNING:root: There are no ${mode} steps defined. This will be ran as a no-op.\n`);
  for (const step of steps) {
    if (await context.terminated()) return 1;
    const succeeded = await takeStep(context, run, step);
    if (isCheckMode(mode)) results.push({ path: step.path, failed: !succeeded });
    else if (!succeeded) return 1;
  }
  return isCheckMode(mode) ? concludeChecks(context, run, mode, results) : 0;
}

/** One turn of the loop; true also for a step that is skipped. */
async function takeStep(context: AgentContext, run: StepRun, step: Step): Promise<boolean> {
  const flag = stepFlag(statePlace(run), step);
  const prepared = prepareStep(context, run, step);
  if (!isToRun(context, run, step, flag)) return true;
  announce(context, run, prepared);
  const succeeded = await runStep(context, run, prepared);
  if (succeeded && !isCheckMode(run.mode)) writeStepFlag(flag, step, context.clock);
  return succeeded;
}

function announce(context: AgentContext, run: StepRun, { step, arguments: words }: PreparedStep): void {
  const lists = `${repr([...words])} ${repr([...step.returnCodes])}`;
  context.stdout.print(
    `${run.mode} ${step.path} ${lists} Idempotence.${step.idempotence} ${step.onHost ? 'True' : 'False'}`,
  );
}

/** What a check run leaves behind. Without steps there are no results, but there is history (T37). */
function concludeChecks(context: AgentContext, run: StepRun, mode: CheckMode, results: readonly CheckResult[]): number {
  const place = statePlace(run);
  if (results.length > 0) {
    writeCheckResults(place, results);
    if (results.some((result) => result.failed)) return 1;
    writeAllChecked(place, mode);
  }
  if (mode === 'apply-check' || mode === 'upgrade-check') recordVersion(context, place, run.config.packageVersion);
  if (mode === 'uninstall-check') {
    recordVersion(context, place, 'uninstalled');
    removeStepFlags(run);
  }
  return 0;
}
