import type { AgentContext } from '../context.ts';
import { cleanUpStepLogs, type LogPlace, stepLogs } from '../files/log-files.ts';
import { joined, type PyValue, pyEquals } from '../python-text/index.ts';
import { resolveArguments } from './env-arguments.ts';
import type { PreparedStep, StepRun } from './step-run.ts';

/** How long the agent waits before each command. */
const PAUSE_MILLISECONDS = 1000;

/**
 * Runs one step and prints how it ended (contract, section 9); gives whether it succeeded.
 *
 * A variable that is missing makes it fail before the pause, without a log and without a `FAILED:` line (T38).
 */
export async function runStep(context: AgentContext, run: StepRun, prepared: PreparedStep): Promise<boolean> {
  const { path, returnCodes } = prepared.step;
  const { resolved, missing } = resolveArguments(prepared.arguments, context.env);
  for (const name of missing) context.stdout.print(`${path}: Expected environment variable did not exist: ${name}`);
  if (missing.length > 0) return false;

  await context.pause(PAUSE_MILLISECONDS);
  const status = BigInt(await runScript(context, run, prepared, resolved));
  const succeeded = returnCodes.some((code) => pyEquals(code, status));
  const words = joined(resolved);
  context.stdout.print(succeeded ? `SUCEEDED: ${path} ${words}` : `FAILED: ${path} ${words} ${status}`);
  return succeeded;
}

async function runScript(
  context: AgentContext,
  run: StepRun,
  prepared: PreparedStep,
  resolved: readonly PyValue[],
): Promise<number> {
  const { rootMount, copyDir } = run.invocation;
  const { path } = prepared.step;
  const place = run.settings.writeLogs ? logPlace(run) : undefined;
  const logs = place && stepLogs(place, copyDir, path, context.clock.now());
  const env = new Map(prepared.env).set('STEP_ROOT', `${copyDir}/skyhook_dir`).set('SKYHOOK_DIR', copyDir);
  const argv = [`${copyDir}/skyhook_dir/${path}`, ...resolved];
  const status = await context.runCommand({ argv, rootMount, copyDir, noChmod: false, env }, logs);
  if (place) cleanUpStepLogs(place, copyDir, path);
  return status;
}

function logPlace({ invocation, settings, config }: StepRun): LogPlace {
  const { packageName, packageVersion } = config;
  return { rootMount: invocation.rootMount, logDir: settings.logDir, packageName, packageVersion };
}
