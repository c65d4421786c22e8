import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

const USUAL = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The directories in which a program is looked for: those of PATH, then the usual ones. */
export function programDirectories(env: NodeJS.ProcessEnv): string[] {
  return [...new Set([...(env.PATH ?? '').split(delimiter).filter(isAbsolute), ...USUAL])];
}

/** The absolute path of a program, or undefined when it is nowhere. */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  return programDirectories(env)
    .map((directory) => join(directory, name))
    .find(isProgram);
}

/** Whether a path is a file that may be executed. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
