import { type BigIntStats, chmodSync, statSync, utimesSync } from 'node:fs';
import { PythonError } from '../crash.ts';
import { repr } from '../python-text/index.ts';
import { copyContents } from './copy-file.ts';
import { isOsError } from './os-error.ts';
import { isDirectory, joinPath, list, makeDirectories, systemCall } from './paths.ts';

/**
 * Copies a tree onto another place, which may be there (contract, section 4, T25): the tree copy of Python's shutil.
 *
 * Links in the source are followed. Files are overwritten in place, through links; where a *directory* has the name of a file, the
 * file goes into it. Permission bits and times are copied, of directories last, the top one too. Times are kept to the microsecond;
 * owners and extended attributes are not copied (section 21).
 *
 * A source that cannot be listed or a target that cannot be a directory is a PythonError of that call. Problems with single
 * entries do not stop the copy: they are told together at the end, as `shutil.Error: [('from', 'to', 'why'), ...]`.
 */
export function copyTree(source: string, target: string): void {
  const problems: string[] = [];
  copyDirectory(source, target, problems);
  if (problems.length > 0) throw new PythonError('shutil.Error', `[${problems.join(', ')}]`);
}

function copyDirectory(source: string, target: string, problems: string[]): void {
  const names = list(source);
  makeDirectories(target);
  for (const name of names) copyEntry(joinPath(source, name), joinPath(target, name), name, problems);
  collect(problems, source, target, () => copyModeAndTimes(stat(source), target));
}

function copyEntry(source: string, target: string, name: string, problems: string[]): void {
  collect(problems, source, target, () => {
    if (isSourceDirectory(source)) copyDirectory(source, target, problems);
    else copyFile(source, isDirectory(target) ? joinPath(target, name) : target, name);
  });
}

function copyFile(source: string, target: string, name: string): void {
  const before = sourceStat(source); // reading changes the time of access
  copyContents(source, target, `<DirEntry ${repr(name)}>`);
  copyModeAndTimes(before ?? stat(source), target);
}

/** A dangling link is no directory; a loop of links, like every other failure, is a problem of its own. */
function isSourceDirectory(source: string): boolean {
  return sourceStat(source)?.isDirectory() ?? false;
}

function sourceStat(source: string): BigIntStats | undefined {
  return systemCall(source, 'stat', (bytes) => statSync(bytes, { bigint: true, throwIfNoEntry: false }));
}

function stat(path: string): BigIntStats {
  return systemCall(path, 'stat', (bytes) => statSync(bytes, { bigint: true }));
}

/** Times first, as a mode without write permission may forbid them. */
function copyModeAndTimes(from: BigIntStats, target: string): void {
  systemCall(target, 'utime', (bytes) => utimesSync(bytes, seconds(from.atimeNs), seconds(from.mtimeNs)));
  systemCall(target, 'chmod', (bytes) => chmodSync(bytes, Number(from.mode & 0o7777n)));
}

/**
 * Nanoseconds as the seconds that Node takes, in floating point. Near today a double is good for 240 ns, so the nearest one can lie
 * in the microsecond before: then the middle of the right one is taken.
 */
function seconds(nanoseconds: bigint): number {
  const rest = ((nanoseconds % BILLION) + BILLION) % BILLION;
  const whole = Number((nanoseconds - rest) / BILLION);
  const nearest = whole + Number(rest) / 1e9;
  const microsecond = Number(rest / 1000n);
  return Math.trunc((nearest - whole) * 1e6) === microsecond ? nearest : whole + (microsecond + 0.5) / 1e6;
}

const BILLION = 1_000_000_000n;

/** Notes an OSError and goes on. Python takes the words of a same file for a list of problems, letter by letter. */
function collect(problems: string[], source: string, target: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (error instanceof PythonError && error.type === 'shutil.SameFileError') {
      problems.push(...Array.from(error.message, (letter) => repr(letter)));
    } else if (isOsError(error) || (error instanceof PythonError && error.type === 'shutil.SpecialFileError')) {
      problems.push(`(${[source, target, error.message].map((text) => repr(text)).join(', ')})`);
    } else {
      throw error;
    }
  }
}
