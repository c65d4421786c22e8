import { PythonError } from '../crash.ts';
import { type PyValue, repr } from '../python-text/index.ts';
import type { Ending } from './posix.ts';
import { signalName } from './signal-names.ts';

/** The error of a command that did not end with 0, undefined for one that did (contract, section 9.2 item 8). */
export function commandFailure(argv: readonly PyValue[], ending: Ending): PythonError | undefined {
  if ('status' in ending && ending.status === 0) return undefined;
  return new PythonError('subprocess.CalledProcessError', `Command '${repr([...argv])}' ${howItEnded(ending)}.`);
}

function howItEnded(ending: Ending): string {
  if ('status' in ending) return `returned non-zero exit status ${ending.status}`;
  const name = signalName(ending.signal);
  if (name === undefined) return `died with unknown signal ${ending.signal}`;
  return `died with <Signals.${name}: ${ending.signal}>`;
}
