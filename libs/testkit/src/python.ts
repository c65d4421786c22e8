import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './find-program.ts';

/**
 * The path of a CPython 3.13 with Unicode 15.1, whose text rules the node agent follows; undefined where there is none.
 *
 * Asks `python3.13` and `python3` of the PATH, then what pyenv keeps in the home directory. Looked up once per process.
 */
export function findPython(): string | undefined {
  found ??= { path: look() };
  return found.path;
}

/** {@link findPython} for tests that declare the need `python`; throws where it is not met. */
export function pythonProgram(): string {
  const path = findPython();
  if (path === undefined) throw new Error('there is no CPython 3.13: declare needs("python")');
  return path;
}

let found: { path: string | undefined } | undefined;

function look(): string | undefined {
  for (const candidate of [findProgram('python3.13'), findProgram('python3'), ...pyenvPythons()]) {
    const path = candidate === undefined ? undefined : judge(candidate);
    if (path !== undefined) return path;
  }
  return undefined;
}

const ASK = `import platform, sys, unicodedata
print(platform.python_implementation(), *sys.version_info[:2], unicodedata.unidata_version)
print(sys.executable)`;

/** The interpreter behind a candidate, which may be a script that chooses one; undefined when it is another Python. */
function judge(candidate: string): string | undefined {
  const answer = spawnSync(candidate, ['-I', '-c', ASK], { encoding: 'utf8', timeout: 20_000 });
  const [version, executable] = answer.status === 0 ? answer.stdout.split('\n') : [];
  return version === 'CPython 3 13 15.1.0' ? executable : undefined;
}

function pyenvPythons(): string[] {
  const versions = join(homedir(), '.pyenv', 'versions');
  try {
    return readdirSync(versions)
      .filter((name) => name.startsWith('3.13.'))
      .sort()
      .map((name) => join(versions, name, 'bin', 'python3'));
  } catch {
    return [];
  }
}
