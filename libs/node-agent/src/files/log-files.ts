import { statSync } from 'node:fs';
import type { LogPaths } from '../context.ts';
import { logStamp } from '../time/time-text.ts';
import { glob } from './glob.ts';
import { directoryOf, makeDirectories, remove, systemCall } from './paths.ts';

/** Where the logs of a package are: `{rootMount}{logDir}/{packageName}/{packageVersion}`, put together as it stands. */
export interface LogPlace {
  readonly rootMount: string;
  /** SKYHOOK_LOG_DIR. */
  readonly logDir: string;
  /** Of config.json for steps, of the resource id for interrupts (T20). */
  readonly packageName: string;
  readonly packageVersion: string;
}

/** How many logs of a step are kept, the new one included. */
const KEPT = 5;

/** The log files of a step that starts at `micros`; makes their directories, not the files (contract, section 10). A second run within a second has the same names. */
export function stepLogs(place: LogPlace, copyDir: string, stepPath: string, micros: number): LogPaths {
  return logsOf(`${stepPrefix(place, copyDir, stepPath)}-${logStamp(micros)}.log`);
}

/** The log files of an interrupt command that starts at `micros`; makes their directories, not the files (contract, section 10). They are never cleaned up (T27). */
export function interruptLogs(place: LogPlace, id: string, micros: number): LogPaths {
  return logsOf(`${logDirectory(place)}/interrupts/${id}-${logStamp(micros)}.log`);
}

/**
 * Removes all logs of a step but the newest five (contract, section 10).
 *
 * What belongs to the step is decided by a shell pattern made of the whole path, with all that follows (T26): other steps whose
 * names go on with a hyphen, pattern characters in any part of the path, `.log.err` files that stay for ever. Of logs that
 * changed at the same time the later name counts as newer. PythonError where a match cannot be looked at or removed.
 */
export function cleanUpStepLogs(place: LogPlace, copyDir: string, stepPath: string): void {
  const logs = glob(`${stepPrefix(place, copyDir, stepPath)}-*.log`).reverse();
  const byAge = logs.map((path) => ({ path, changed: changeTime(path) })).sort((a, b) => Number(b.changed - a.changed));
  for (const { path } of byAge.slice(KEPT)) remove(path);
}

/** The step's path within the package comes from deleting *every* `{copyDir}/skyhook_dir`, and begins with a slash: `{version}//{path}`. */
function stepPrefix(place: LogPlace, copyDir: string, stepPath: string): string {
  const scripts = `${copyDir}/skyhook_dir`;
  return `${logDirectory(place)}/${`${scripts}/${stepPath}`.replaceAll(scripts, '')}`;
}

function logDirectory({ rootMount, logDir, packageName, packageVersion }: LogPlace): string {
  return `${rootMount}${logDir}/${packageName}/${packageVersion}`;
}

function logsOf(out: string): LogPaths {
  makeDirectories(directoryOf(out));
  return { out, err: `${out}.err` };
}

/** In nanoseconds, links followed. */
function changeTime(path: string): bigint {
  return systemCall(path, 'stat', (bytes) => statSync(bytes, { bigint: true })).mtimeNs;
}
