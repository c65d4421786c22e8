import { splitResourceId } from '../config/resource-id.ts';
import type { AgentContext } from '../context.ts';
import { interruptLogs, type LogPlace } from '../files/log-files.ts';
import { exists, makeDirectories, remove, writeText } from '../files/paths.ts';
import { joined, type PyValue, repr } from '../python-text/index.ts';
import { epochText } from '../time/time-text.ts';
import { decodeInterrupt } from './decode-interrupt.ts';
import { commandsOf, type Interrupt } from './interrupt.ts';

/** What an interrupt run needs to know besides the context. */
export interface InterruptRun {
  readonly rootMount: string;
  readonly copyDir: string;
  /** The last argument as given; absent in the legacy form with two arguments. */
  readonly interruptData: string | undefined;
  /** SKYHOOK_RESOURCE_ID. */
  readonly resourceId: string;
  /** SKYHOOK_ROOT_DIR. */
  readonly rootDir: string;
  /** SKYHOOK_LOG_DIR. */
  readonly logDir: string;
}

/** The part of the context that interrupts use. SIGTERM does not stop them, so they never ask for it. */
export type InterruptContext = Pick<AgentContext, 'stdout' | 'clock' | 'runCommand'>;

/**
 * Mode `interrupt` (contract, section 13, T27, T41): runs the commands that have not been run for this resource id, in their order,
 * up to the first that fails. Gives the exit status; crashes are PythonErrors.
 */
export async function runInterrupt(context: InterruptContext, run: InterruptRun): Promise<number> {
  const { name, version } = splitResourceId(run.resourceId);
  const interrupt = decodeInterrupt(run.interruptData);
  const flags = `${run.rootMount}${run.rootDir}/interrupts/flags/${run.resourceId}`;
  makeDirectories(flags);
  if (interrupt.type === 'no_op') {
    writeText(`${flags}/no_op.complete`, epochText(context.clock.now()));
    return 0;
  }

  const place = { rootMount: run.rootMount, logDir: run.logDir, packageName: name, packageVersion: version };
  for (const [index, command] of commandsOf(interrupt).entries()) {
    const id = `${interrupt.type}_${index}`;
    const flag = `${flags}/${id}.complete`;
    if (exists(flag)) {
      context.stdout.print(`Skipping interrupt ${id} because it was already run for ${run.resourceId}`);
      continue;
    }
    writeText(flag, epochText(context.clock.now())); // before the command: a reboot may leave no time after it
    const status = await runOne(context, run, place, id, command);
    if (status !== 0) return failed(context, interrupt, flag, command, status);
  }
  return 0;
}

/** No pause, no chmod, nothing added to the environment; always logged, and echoed. TypeError for a word that is no text, which leaves the flag. */
async function runOne(
  context: InterruptContext,
  run: InterruptRun,
  place: LogPlace,
  id: string,
  command: readonly PyValue[],
): Promise<number> {
  const echo = `${joined(command)}\n`;
  const logs = interruptLogs(place, id, context.clock.now());
  const { rootMount, copyDir } = run;
  return context.runCommand({ argv: command, rootMount, copyDir, noChmod: true, env: new Map(), echo }, logs);
}

/** A launcher that SIGTERM killed is what a reboot looks like from here: it has been done, although the run does not succeed (T3). */
function failed(
  context: InterruptContext,
  interrupt: Interrupt,
  flag: string,
  command: PyValue[],
  status: number,
): number {
  if (interrupt.type === 'node_restart' && status === -15) return 1;
  remove(flag);
  context.stdout.print(`INTERRUPT FAILED: ${repr(command)} return_code: ${status}`);
  return 1;
}
