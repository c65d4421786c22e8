import { PythonError } from '../crash.ts';
import { repr } from '../python-text/index.ts';
import { errnoText } from './errno-texts.ts';

/**
 * The error that Python raises where a system call on `path` failed; `second` is the other path of rename(2).
 *
 * Anything that is no failed system call comes back as it was: a PythonError stays itself, a fault of this program too.
 */
export function osError(error: unknown, path?: string, second?: string): unknown {
  const errno = errnoOf(error);
  return errno === undefined ? error : osErrorOf(errno, path, second);
}

/** `[Errno 2] No such file or directory: 'path'` from an errno number, called as Python calls it; without a path for calls on descriptors. */
export function osErrorOf(errno: number, path?: string, second?: string): PythonError {
  const reason = `[Errno ${errno}] ${errnoText(errno)}`;
  const names = [path, second].flatMap((name) => (name === undefined ? [] : [repr(name)]));
  return new PythonError(
    TYPES.get(errno) ?? 'OSError',
    names.length === 0 ? reason : `${reason}: ${names.join(' -> ')}`,
  );
}

/** The errno number (positive) of a failed system call as Node tells it; undefined for every other value. */
export function errnoOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number') return undefined;
  return Math.abs(error.errno);
}

/** Whether this is one of Python's OSErrors, which code of the reference may catch while it lets others pass. */
export function isOsError(error: unknown): error is PythonError {
  return error instanceof PythonError && (error.type === 'OSError' || OWN_NAMES.has(error.type));
}

/** The subclasses of OSError that Python has for single numbers (PEP 3151). */
const TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'PermissionError'],
  [2, 'FileNotFoundError'],
  [3, 'ProcessLookupError'],
  [4, 'InterruptedError'],
  [10, 'ChildProcessError'],
  [11, 'BlockingIOError'],
  [13, 'PermissionError'],
  [17, 'FileExistsError'],
  [20, 'NotADirectoryError'],
  [21, 'IsADirectoryError'],
  [32, 'BrokenPipeError'],
  [103, 'ConnectionAbortedError'],
  [104, 'ConnectionResetError'],
  [108, 'BrokenPipeError'],
  [110, 'TimeoutError'],
  [111, 'ConnectionRefusedError'],
  [114, 'BlockingIOError'],
  [115, 'BlockingIOError'],
]);

const OWN_NAMES: ReadonlySet<string> = new Set(TYPES.values());
