/** A system call that failed; who called knows which path Python would name. */
export class PosixError extends Error {
  readonly errno: number;

  constructor(call: string, errno: number) {
    super(`${call} failed with error number ${errno}`);
    this.name = 'PosixError';
    this.errno = errno;
  }
}

/** How a process ended: with an exit status, or by a signal. */
export type Ending = { status: number } | { signal: number };

/** What posix_spawn(3) is told. Bytes have no NUL in them and none behind them. */
export interface SpawnRequest {
  /** The program's file; there is no search and no fallback to a shell. */
  file: Uint8Array;
  argv: readonly Uint8Array[];
  /** `name=value` each. */
  env: readonly Uint8Array[];
  /** The descriptors of the launcher that become 0, 1 and 2 of the child. All others stay closed there. */
  stdio: readonly [stdin: number, stdout: number, stderr: number];
}

/** The system calls that Node does not have. The launcher alone uses them; every call throws {@link PosixError}. */
export interface Posix {
  chroot(path: Uint8Array): void;
  chdir(path: Uint8Array): void;
  /** pipe2(2), both ends closed on exec. */
  pipe(): { readEnd: number; writeEnd: number };
  /** dup2(2): `to` becomes what `from` is. */
  duplicate(from: number, to: number): void;
  /** Closes every descriptor from 3 upwards when a program is started. Old kernels cannot: then nothing happens. */
  closeOnExec(): void;
  /** Lets all signals in that Node's start has blocked. */
  unblockSignals(): void;
  /**
   * Starts a child in the same process group, with no signal blocked and the two signals that Node ignores (SIGPIPE and
   * SIGXFSZ, as in Python) at their defaults. Throws also when the program cannot be executed. Gives the process id.
   */
  spawn(request: SpawnRequest): number;
  /** Blocks until the child has ended. */
  wait(pid: number): Ending;
}
