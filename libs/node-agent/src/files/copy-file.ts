import { closeSync, readSync, type Stats, statSync, writeSync } from 'node:fs';
import { PythonError } from '../crash.ts';
import { encodeOs, repr } from '../python-text/index.ts';
import { osError } from './os-error.ts';
import { openFile } from './paths.ts';

/**
 * Copies the contents of a file over another, in place: a file that is there keeps its mode and owner, a link is followed, a new
 * one gets 0666 minus umask (contract, section 4).
 *
 * PythonError: an OSError such as FileNotFoundError, `shutil.SameFileError`, `shutil.SpecialFileError` for a named pipe on either
 * side. `shown` is how the message of a same file calls the source.
 */
export function copyContents(source: string, target: string, shown: string = repr(source)): void {
  const from = statOf(source);
  const to = statOf(target);
  if (from && to && from.dev === to.dev && from.ino === to.ino) {
    throw new PythonError('shutil.SameFileError', `${shown} and ${repr(target)} are the same file`);
  }
  refusePipe(from, source);
  refusePipe(to, target);
  const input = openFile(source, 'r');
  try {
    const output = openFile(target, 'w');
    try {
      pour(input, output);
    } catch (error) {
      throw osError(error, source, target);
    } finally {
      closeSync(output);
    }
  } finally {
    closeSync(input);
  }
}

// Not copyFileSync: it sets the target's mode and removes a target that it could not fill.
function pour(input: number, output: number): void {
  const buffer = Buffer.allocUnsafe(256 * 1024);
  for (;;) {
    const count = readSync(input, buffer);
    if (count === 0) return;
    for (let written = 0; written < count; ) written += writeSync(output, buffer, written, count - written);
  }
}

/** Opening a pipe would wait for its other side. */
function refusePipe(stats: Stats | undefined, path: string): void {
  if (stats?.isFIFO()) throw new PythonError('shutil.SpecialFileError', `\`${path}\` is a named pipe`);
}

function statOf(path: string): Stats | undefined {
  if (path.includes('\0')) throw new PythonError('ValueError', 'stat: embedded null character in path');
  try {
    return statSync(encodeOs(path), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
