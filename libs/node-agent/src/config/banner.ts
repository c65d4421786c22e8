import type { AgentStdout } from '../context.ts';
import { makeDirectories } from '../files/paths.ts';
import { assigned, type Invocation } from './invocation.ts';
import { splitResourceId } from './resource-id.ts';
import type { Settings } from './settings.ts';

/**
 * Prints the banner (contract, section 5), and makes the container's log directory, which printing its path entails (T19).
 *
 * Gives the invocation, which after the banner is known to be there. What was printed before a crash stays printed: a wrong number of
 * arguments ends the banner after two lines (UnboundLocalError), a resource id without exactly two underscores before `flag_dir:`
 * (ValueError), a log directory that cannot be made before `log_dir:` (an OSError).
 */
export function printBanner(
  stdout: Pick<AgentStdout, 'print'>,
  settings: Settings,
  invocation: Invocation | undefined,
): Invocation {
  stdout.print(RULE);
  stdout.print(centred('CLI CONFIGURATION', WIDTH, '-'));
  const { mode, rootMount, copyDir, interruptData } = assigned(invocation, 'mode');
  stdout.print(`mode: ${mode}`);
  stdout.print(`root_mount: ${rootMount}`);
  stdout.print(`copy_dir: ${copyDir}`);
  stdout.print(`interrupt_data: ${interruptData ?? 'None'}`);
  stdout.print(`always_run_step: ${flag(settings.alwaysRunStep)}`);
  stdout.print(centred('ENV CONFIGURATION', WIDTH, '-'));
  stdout.print(`COPY_RESOLV: ${flag(settings.copyResolv)}`);
  stdout.print(`OVERLAY_ALWAYS_RUN_STEP: ${flag(settings.alwaysRunStep)}`);
  stdout.print(`SKYHOOK_RESOURCE_ID: ${settings.resourceId}`);
  stdout.print(`SKYHOOK_DATA_DIR: ${settings.dataDir}`);
  stdout.print(`SKYHOOK_ROOT_DIR: ${settings.rootDir}`);
  stdout.print(`SKYHOOK_LOG_DIR: ${settings.logDir}`);
  stdout.print(`SKYHOOK_AGENT_BUFFER_LIMIT: ${settings.bufferLimit}`);
  stdout.print(`SKYHOOK_AGENT_WRITE_LOGS: ${flag(settings.writeLogs)}`);
  stdout.print(centred('Directory CONFIGURATION', WIDTH, '-'));
  const { name, version } = splitResourceId(settings.resourceId);
  stdout.print(`flag_dir: ${settings.rootDir}/flags/${name}/${version}`);
  const logDir = `${settings.logDir}/${name}/${version}`;
  makeDirectories(logDir);
  stdout.print(`log_dir: ${logDir}`);
  stdout.print(`history_file: ${settings.rootDir}/history/${name}.json`);
  stdout.print(RULE);
  return { mode, rootMount, copyDir, interruptData };
}

/**
 * The text in the middle of `width` columns, filled up with `fill`; a longer text as it is.
 *
 * Where the fill cannot be halved, the odd one goes to the left only if the width is odd, too (contract, section 5, T4).
 */
export function centred(text: string, width: number, fill: string): string {
  const room = Math.max(0, width - [...text].length);
  const left = Math.floor(room / 2) + (room % 2 === 1 && width % 2 === 1 ? 1 : 0);
  return fill.repeat(left) + text + fill.repeat(room - left);
}

const WIDTH = 20;
const RULE = '-'.repeat(WIDTH);

/** A truth value as Python prints it. */
function flag(value: boolean): string {
  return value ? 'True' : 'False';
}
