import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Command } from '../context.ts';
import { PythonError } from '../crash.ts';
import { jsonText, parseJson, repr } from '../python-text/index.ts';

/** What the launcher is told (contract, section 9.2 item 1). */
export interface Control {
  command: Command;
  /** The agent's environment, in its order. */
  parent: ReadonlyMap<string, string>;
}

/**
 * The form of the file. `cmd` and `env` are JSON texts of their own, because their numbers are Python's. JSON carries undecodable bytes as escaped lone surrogates (18.6), which a command line and the
 * environment of a Node child cannot: therefore the root mount and the agent's environment are in it too.
 */
interface ControlForm {
  cmd: string;
  no_chmod: boolean;
  env: string;
  copy_dir: string;
  root: string;
  agent_env: [name: string, value: string][];
}

/**
 * Writes the control file with mode 0600 into the temporary directory that Python would take: TMPDIR, TEMP, TMP, /tmp,
 * /var/tmp, /usr/tmp, the working directory; the first that takes the file. Gives its path.
 *
 * A directory whose name is not UTF-8 is passed over, since Node cannot put it on a command line. Throws FileNotFoundError
 * when no directory takes the file.
 */
export function writeControlFile({ command, parent }: Control): string {
  const form: ControlForm = {
    cmd: jsonText([...command.argv]),
    no_chmod: command.noChmod,
    env: jsonText(new Map(command.env)),
    copy_dir: command.copyDir,
    root: command.rootMount,
    agent_env: [...parent],
  };
  const text = JSON.stringify(form);
  const directories = [...VARIABLES.map((name) => parent.get(name) ?? ''), ...SYSTEM_DIRECTORIES, process.cwd()];
  for (const directory of directories) {
    if (directory === '' || !directory.isWellFormed()) continue;
    const path = `${directory}/tmp${randomName()}`;
    if (wroteNewFile(path, text)) return path;
  }
  throw new PythonError('FileNotFoundError', `[Errno 2] No usable temporary directory found in ${repr(directories)}`);
}

/** Reads the control file and deletes it at once: its environment may hold secrets, and the agent may die before the command ends. */
export function takeControlFile(path: string): Control {
  const form: ControlForm = JSON.parse(readFileSync(path, 'utf8'));
  removeControlFile(path);
  const [argv, env] = [parseJson(form.cmd), parseJson(form.env)];
  return {
    command: {
      argv: Array.isArray(argv) ? argv : [],
      rootMount: form.root,
      copyDir: form.copy_dir,
      noChmod: form.no_chmod,
      env: env instanceof Map ? env : new Map(),
    },
    parent: new Map(form.agent_env),
  };
}

/** Deletes the control file if it is still there. A file that cannot be deleted is no reason to fail. */
export function removeControlFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Read-only by now, or not ours: the command counts.
  }
}

function wroteNewFile(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    // A name that somebody has is never deleted; what a full disk left behind is.
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (!exists) removeControlFile(path);
    return false;
  }
}

/** Eight characters of the alphabet that Python's names have. O_EXCL keeps guessed names out, so any chance will do. */
function randomName(): string {
  return Array.from({ length: 8 }, () => LETTERS.charAt(Math.floor(Math.random() * LETTERS.length))).join('');
}

const VARIABLES = ['TMPDIR', 'TEMP', 'TMP'];
const SYSTEM_DIRECTORIES = ['/tmp', '/var/tmp', '/usr/tmp'];
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789_';
