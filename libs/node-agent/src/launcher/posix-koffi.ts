import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { type Ending, type Posix, PosixError } from './posix.ts';

/**
 * The system calls bound with koffi, from the C library that Node itself runs on (glibc or musl).
 *
 * koffi is looked up from the program's own file: next to `main.cjs`, or in a `node_modules` above it. Everything is bound
 * here, because after chroot(2) no file of this root can be loaded. Throws what loading throws.
 */
export function loadPosix(program = process.argv[1] ?? process.execPath): Posix {
  const koffi: typeof import('koffi') = createRequire(realpathSync(program))('koffi');
  const libc = koffi.load(null);
  // `void *` takes a buffer as it is: encoding and the NUL at the end are ours.
  const chroot: (path: Buffer) => number = libc.func('int chroot(void *path)');
  const chdir: (path: Buffer) => number = libc.func('int chdir(void *path)');
  const pipe2: (ends: Int32Array, flags: number) => number = libc.func('int pipe2(void *ends, int flags)');
  const dup2: (from: number, to: number) => number = libc.func('int dup2(int from, int to)');
  const syscall: (number: number, ...typed: (string | number)[]) => number = libc.func(
    'long syscall(long number, ...)',
  );
  const waitpid: (pid: number, status: Int32Array, options: number) => number = libc.func(
    'int waitpid(int pid, void *status, int options)',
  );
  const sigprocmask: (how: number, set: Buffer, old: null) => number = libc.func(
    'int sigprocmask(int how, void *set, void *old)',
  );
  const spawn = bindSpawn(koffi, libc);

  /** Calls until no signal came in between; -1 becomes an error. */
  const checked = (name: string, call: () => number): number => {
    for (;;) {
      const result = call();
      if (result !== -1) return result;
      const errno = koffi.errno();
      if (errno !== constants.errno.EINTR) throw new PosixError(name, errno);
    }
  };
  return {
    chroot: (path) => void checked('chroot', () => chroot(text(path))),
    chdir: (path) => void checked('chdir', () => chdir(text(path))),
    pipe() {
      const ends = new Int32Array(2);
      checked('pipe2', () => pipe2(ends, CLOSE_ON_EXEC));
      const [readEnd = -1, writeEnd = -1] = ends;
      return { readEnd, writeEnd };
    },
    duplicate: (from, to) => void checked('dup2', () => dup2(from, to)),
    closeOnExec: () => void syscall(CLOSE_RANGE, 'uint', 3, 'uint', 0xffff_ffff, 'uint', CLOSE_RANGE_CLOEXEC),
    unblockSignals: () => void sigprocmask(SET_MASK, Buffer.alloc(OPAQUE_SIZE), null),
    spawn,
    wait(pid) {
      const status = new Int32Array(1);
      checked('waitpid', () => waitpid(pid, status, 0));
      return ending(status[0] ?? 0);
    },
  };
}

/** posix_spawn(3) and the two structures that it wants, which are as opaque here as in its manual page. */
function bindSpawn(koffi: typeof import('koffi'), libc: import('koffi').LibraryHandle): Posix['spawn'] {
  const posixSpawn: (
    pid: Int32Array,
    file: Buffer,
    actions: Buffer,
    attributes: Buffer,
    argv: Buffer,
    env: Buffer,
  ) => number = libc.func('int posix_spawn(void *pid, void *file, void *actions, void *attr, void *argv, void *envp)');
  const initAttributes: (attributes: Buffer) => number = libc.func('int posix_spawnattr_init(void *attr)');
  const setFlags: (attributes: Buffer, flags: number) => number = libc.func(
    'int posix_spawnattr_setflags(void *attr, short flags)',
  );
  const setDefaults: (attributes: Buffer, set: Buffer) => number = libc.func(
    'int posix_spawnattr_setsigdefault(void *attr, void *set)',
  );
  const setMask: (attributes: Buffer, set: Buffer) => number = libc.func(
    'int posix_spawnattr_setsigmask(void *attr, void *set)',
  );
  const initActions: (actions: Buffer) => number = libc.func('int posix_spawn_file_actions_init(void *actions)');
  const addDuplicate: (actions: Buffer, from: number, to: number) => number = libc.func(
    'int posix_spawn_file_actions_adddup2(void *actions, int from, int to)',
  );
  const freeActions: (actions: Buffer) => number = libc.func('int posix_spawn_file_actions_destroy(void *actions)');

  const set = Buffer.alloc(OPAQUE_SIZE);
  const attributes = Buffer.alloc(OPAQUE_SIZE);
  initAttributes(attributes);
  setMask(attributes, set);
  // A set is a row of bits. sigaddset(3) refuses the C library's own signals, so the bits are set by hand: bit n - 1 is signal n.
  for (const bit of DEFAULTED.map((signal) => signal - 1)) set[bit >> 3] = (set[bit >> 3] ?? 0) | (1 << (bit & 7));
  setDefaults(attributes, set);
  setFlags(attributes, SET_SIGNAL_DEFAULTS | SET_SIGNAL_MASK);

  return ({ file, argv, env, stdio }) => {
    const actions = Buffer.alloc(OPAQUE_SIZE);
    initActions(actions);
    // A descriptor that is "duplicated" to itself stays open on exec, which Node's own start has forbidden for 0 to 2.
    for (const [to, from] of stdio.entries()) addDuplicate(actions, from, to);
    const pid = new Int32Array(1);
    const errno = posixSpawn(pid, text(file), actions, attributes, vector(koffi, argv), vector(koffi, env));
    freeActions(actions);
    if (errno !== 0) throw new PosixError('posix_spawn', errno);
    return pid[0] ?? -1;
  };
}

/** Bytes with the NUL that ends them in C. */
function text(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(1)]);
}

/** `char *[]`: addresses, a null pointer, and behind it in the same memory the texts that they point to. */
function vector(koffi: typeof import('koffi'), texts: readonly Uint8Array[]): Buffer {
  const width = koffi.sizeof('void *');
  const size = texts.reduce((sum, bytes) => sum + bytes.length + 1, 0);
  let next = (texts.length + 1) * width;
  const memory = Buffer.alloc(next + size);
  const start = koffi.address(memory);
  for (const [index, bytes] of texts.entries()) {
    const address = start + BigInt(next);
    if (width === 8) memory.writeBigUInt64LE(address, index * width);
    else memory.writeUInt32LE(Number(address), index * width);
    memory.set(bytes, next);
    next += bytes.length + 1;
  }
  return memory;
}

/** The encoding of waitpid(2)'s status, which is the same on all Linux. */
function ending(status: number): Ending {
  const signal = status & 0x7f;
  return signal === 0 ? { status: (status >> 8) & 0xff } : { signal };
}

/** Larger than any C library's sigset_t, posix_spawnattr_t (336 bytes) and posix_spawn_file_actions_t (80). */
const OPAQUE_SIZE = 4096;
/** O_CLOEXEC of the platforms that the agent is built for. */
const CLOSE_ON_EXEC = 0o2000000;
/** close_range(2) has one number on all platforms. */
const CLOSE_RANGE = 436;
const CLOSE_RANGE_CLOEXEC = 4;
/** SIGPIPE and SIGXFSZ, which Node ignores, and the two that the C library would leave ignored in what it spawns. */
const DEFAULTED = [13, 25, 32, 33];
/** SIG_SETMASK; an empty set is all zeros. */
const SET_MASK = 2;
const SET_SIGNAL_DEFAULTS = 0x04;
const SET_SIGNAL_MASK = 0x08;
