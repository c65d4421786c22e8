import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { PythonError } from '../crash.ts';
import { decodeOs, encodeOs, encodeUtf8 } from '../python-text/index.ts';
import { osError } from './os-error.ts';

// Everything here takes OS texts (contract, 18.6), resolves nothing, and fails as Python's own call does: PythonError with the
// name and the words of section 9.2, `ValueError` for a path that contains NUL.

/** Whether something is there, links followed. Every error is a no: a name that is too long, a dangling link, NUL (contract, section 7). */
export function exists(path: string): boolean {
  return statOf(path) !== undefined;
}

/** Whether a directory is there, links followed; every error is a no. */
export function isDirectory(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false;
}

/** mkdir -p with 0777 minus umask, component by component as written: in `a/../b` the directory `a` is made too. */
export function makeDirectories(path: string): void {
  let [head, tail] = splitPath(path);
  if (tail === '') [head, tail] = splitPath(head);
  if (head !== '' && tail !== '' && !exists(head)) {
    makeDirectories(head);
    if (tail === '.') return;
  }
  try {
    systemCall(path, 'mkdir', (bytes) => mkdirSync(bytes, 0o777));
  } catch (error) {
    if (!isDirectory(path)) throw error;
  }
}

/** Writes text into a file that is emptied first, in place (0666 minus umask when new). UnicodeEncodeError for text with lone surrogates, which leaves it empty. */
export function writeText(path: string, text: string): void {
  const fd = openFile(path, 'w');
  try {
    const bytes = encodeUtf8(text);
    for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
  } catch (error) {
    throw osError(error); // a failed write has no path in its words
  } finally {
    closeSync(fd);
  }
}

/** An empty file; one that is there is emptied in place. */
export function emptyFile(path: string): void {
  closeSync(openFile(path, 'w'));
}

/** Everything in a file. */
export function readBytes(path: string): Buffer {
  return systemCall(path, undefined, (bytes) => readFileSync(bytes));
}

/** Opens a file for reading (`r`) or empties it for writing (`w`, 0666 minus umask when new); gives the descriptor. */
export function openFile(path: string, flags: 'r' | 'w'): number {
  return systemCall(path, undefined, (bytes) => openSync(bytes, flags, 0o666));
}

/** Removes a name that is no directory. */
export function remove(path: string): void {
  systemCall(path, 'remove', (bytes) => unlinkSync(bytes));
}

/** Gives a thing another name, in the place of what has it. */
export function rename(from: string, to: string): void {
  const source = pathBytes(from, 'rename');
  const target = pathBytes(to, 'rename');
  try {
    renameSync(source, target);
  } catch (error) {
    throw osError(error, from, to);
  }
}

/** The names in a directory, by their bytes. (The reference has them as the system gives them; nothing that is contract depends on it.) */
export function list(path: string): string[] {
  return systemCall(path, 'scandir', (bytes) => readdirSync(bytes, 'buffer').map((name) => decodeOs(name)));
}

/** The part of a path before its last slash, without slashes at its end, as os.path.dirname has it. */
export function directoryOf(path: string): string {
  return splitPath(path)[0];
}

/** Head and tail as os.path.split has them: the tail has no slash, the head none at its end unless it is nothing else. */
export function splitPath(path: string): [head: string, tail: string] {
  const cut = path.lastIndexOf('/') + 1;
  const head = path.slice(0, cut);
  let end = head.length;
  while (head[end - 1] === '/') end -= 1;
  return [end === 0 ? head : head.slice(0, end), path.slice(cut)];
}

/** os.path.join for a name that does not begin with a slash. */
export function joinPath(directory: string, name: string): string {
  return directory === '' || directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

/** Does one system call on a path; what it throws is told as Python tells it. `call` is what Python calls it, undefined for open(). */
export function systemCall<T>(path: string, call: string | undefined, act: (bytes: Buffer) => T): T {
  const bytes = pathBytes(path, call);
  try {
    return act(bytes);
  } catch (error) {
    throw osError(error, path);
  }
}

function statOf(path: string) {
  try {
    return statSync(encodeOs(path), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function pathBytes(path: string, call: string | undefined): Buffer {
  if (path.includes('\0')) {
    throw new PythonError(
      'ValueError',
      call === undefined ? 'embedded null byte' : `${call}: embedded null character in path`,
    );
  }
  return encodeOs(path);
}
