import type { AgentStdout } from '../context.ts';
import { PythonError } from '../crash.ts';
import { directoryOf, exists, makeDirectories, readBytes, rename, writeText } from '../files/paths.ts';
import { decodeUtf8, jsonText, type PyValue, parseJson, pythonType } from '../python-text/index.ts';
import type { Clock } from '../time/clock.ts';
import { utcText } from '../time/time-text.ts';
import type { StatePlace } from './state-place.ts';
import { getItem, setItem } from './subscript.ts';

/** What the history needs of the agent. */
export interface HistoryDoors {
  readonly stdout: Pick<AgentStdout, 'print'>;
  readonly clock: Clock;
}

/**
 * The version of the package that was there before: `current-version` of the history (contract, section 12, T35).
 *
 * `unknown` without a history, the empty text after a corrupt one, which is moved away; otherwise whatever the file holds, also
 * null. Prints what it met; KeyError or TypeError for JSON of another shape, UnicodeDecodeError for what is not UTF-8.
 */
export function previousVersion(doors: HistoryDoors, place: StatePlace): PyValue {
  return getItem(loadHistory(doors, place), 'current-version');
}

/**
 * Makes `version` the current one and puts an entry in front of the history, also for the version that is there already.
 *
 * The rest of the document is kept: unknown keys and the order of keys, numbers spelt as Python does (18.4).
 */
export function recordVersion(doors: HistoryDoors, place: StatePlace, version: string): void {
  const document = loadHistory(doors, place);
  setItem(document, 'current-version', version);
  const entries = getItem(document, 'history');
  if (!Array.isArray(entries))
    throw new PythonError('TypeError', `can only concatenate list (not "${pythonType(entries)}") to list`);
  const entry: PyValue = new Map([
    ['version', version],
    ['time', utcText(doors.clock.now())],
  ]);
  setItem(document, 'history', [entry, ...entries]);
  writeText(historyFile(place), jsonText(document));
}

function historyFile(place: StatePlace): string {
  return `${place.directory}/history/${place.packageName}.json`;
}

function loadHistory(doors: HistoryDoors, place: StatePlace): PyValue {
  const file = historyFile(place);
  makeDirectories(directoryOf(file));
  if (!exists(file)) {
    doors.stdout.print(`no existing history found for ${place.packageName}, could be first installation...`);
    return emptyHistory('unknown');
  }
  const text = decodeUtf8(readBytes(file));
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof PythonError) || error.type !== 'json.decoder.JSONDecodeError') throw error;
    rename(file, `${file}.backup`);
    doors.stdout.print(`Failed to load existing history, corrupt history file moved to ${file}.backup...`);
    return emptyHistory('');
  }
}

function emptyHistory(currentVersion: string): PyValue {
  return new Map<string, PyValue>([
    ['current-version', currentVersion],
    ['history', []],
  ]);
}
