import { PythonError } from '../crash.ts';
import { osError } from '../files/os-error.ts';
import { encodeOs, type PyValue } from '../python-text/index.ts';
import { type Posix, PosixError, type SpawnRequest } from './posix.ts';

/** A program to start, in OS texts; other values make the start fail. */
export interface Program {
  argv: readonly PyValue[];
  /** The whole environment of the program; its PATH is where a bare name is looked up. */
  env: ReadonlyMap<string, PyValue>;
  /** Where to start it; the launcher's own directory unless given. */
  cwd?: string;
  /** The launcher's descriptors that become 0, 1 and 2. */
  stdio: SpawnRequest['stdio'];
}

/**
 * Starts a program as CPython's `subprocess` does and gives its process id (contract, section 9.2 items 4 and 7).
 *
 * A name with a slash is the file; any other is tried in each directory of PATH (`/bin:/usr/bin` without one). The first
 * error that is neither "no such file" nor "not a directory" is the one reported, but only when no later directory has the
 * program. Relative directories count from `cwd`. Errors name the program as it was given, or the `cwd` when that is the
 * cause. Throws ValueError for NUL bytes and for environment names with `=`, UnicodeEncodeError for text without bytes,
 * TypeError for what is no text.
 */
export function startProgram(posix: Posix, { argv, env, cwd, stdio }: Program): number {
  // This order is Python's: it decides which of several mistakes is reported.
  const variables = [...env].map(([key, value]) => {
    const bytes = encodeOs(key);
    if (bytes.includes('=')) throw new PythonError('ValueError', 'illegal environment variable name');
    return Buffer.concat([bytes, EQUALS, bytesOf(value)]);
  });
  const name = textOf(argv[0] ?? '');
  const candidates = filesFor(name, env).map(encodeOs);
  const request = {
    argv: argv.map((word) => withoutNul(bytesOf(word))),
    env: variables.map(withoutNul),
    stdio,
  };
  const directory = cwd === undefined ? undefined : withoutNul(encodeOs(cwd));
  if (directory !== undefined) changeTo(posix, directory, cwd);
  return firstThatStarts(name, candidates, (file) => posix.spawn({ ...request, file }));
}

/** The files that a name may mean, in the order of os.get_exec_path(). */
function filesFor(name: string, env: ReadonlyMap<string, PyValue>): string[] {
  if (name.includes('/')) return [name];
  const path = textOf(env.get('PATH') ?? DEFAULT_PATH);
  return path.split(':').map((directory) => {
    if (directory === '' || directory.endsWith('/')) return directory + name;
    return `${directory}/${name}`;
  });
}

function changeTo(posix: Posix, directory: Buffer, name: string | undefined): void {
  try {
    posix.chdir(directory);
  } catch (error) {
    throw osError(error, name);
  }
}

function firstThatStarts(name: string, files: readonly Buffer[], start: (file: Buffer) => number): number {
  let failure: PosixError | undefined;
  let telling = false;
  for (const file of files) {
    try {
      return start(file);
    } catch (error) {
      if (!(error instanceof PosixError)) throw error;
      if (telling) continue;
      failure = error;
      telling = !ABSENT.has(error.errno);
    }
  }
  throw osError(failure, name);
}

function bytesOf(value: PyValue): Buffer {
  return encodeOs(textOf(value));
}

function textOf(value: PyValue): string {
  if (typeof value === 'string') return value;
  throw new PythonError('TypeError', `expected str, bytes or os.PathLike object, not ${typeName(value)}`);
}

function typeName(value: Exclude<PyValue, string>): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map) return 'dict';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'int' : 'float';
}

function withoutNul(bytes: Buffer): Buffer {
  if (bytes.includes(0)) throw new PythonError('ValueError', 'embedded null byte');
  return bytes;
}

const EQUALS = Buffer.from('=');
const DEFAULT_PATH = '/bin:/usr/bin';
const ENOENT = 2;
const ENOTDIR = 20;
const ABSENT = new Set([ENOENT, ENOTDIR]);
