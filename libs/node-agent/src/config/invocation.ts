import { PythonError } from '../crash.ts';

/** The agent's arguments by name (contract, section 2). Nothing is validated: any of them may be empty. */
export interface Invocation {
  /** As given; not checked before the banner is printed. */
  readonly mode: string;
  /** A directory of the container, or the text `local`. */
  readonly rootMount: string;
  /** The package directory as seen from inside the root mount. */
  readonly copyDir: string;
  /** Undefined when the argument is absent, which is not the same as empty. */
  readonly interruptData: string | undefined;
}

/** Names the arguments (OS texts); undefined for a wrong number of them, which `assigned` turns into a crash where one is used. */
export function readInvocation(argv: readonly string[]): Invocation | undefined {
  const [mode, second, third, fourth] = argv;
  if (mode === undefined || second === undefined || argv.length > 4) return undefined;
  if (third === undefined) return { mode, rootMount: LEGACY_ROOT, copyDir: second, interruptData: undefined };
  if (fourth === undefined && mode === 'interrupt') {
    return { mode, rootMount: LEGACY_ROOT, copyDir: second, interruptData: third };
  }
  return { mode, rootMount: second, copyDir: third, interruptData: fourth };
}

/** Where the two legacy forms expect the host. */
const LEGACY_ROOT = '/root';

/**
 * The invocation, or the crash of section 2 for a wrong number of arguments: `UnboundLocalError` naming the variable that is
 * used first, `root_mount` by the copying of resolv.conf, `mode` by the third line of the banner.
 */
export function assigned(invocation: Invocation | undefined, variable: 'mode' | 'root_mount'): Invocation {
  if (invocation !== undefined) return invocation;
  throw new PythonError(
    'UnboundLocalError',
    `cannot access local variable '${variable}' where it is not associated with a value`,
  );
}
