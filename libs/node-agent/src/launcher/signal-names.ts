/**
 * The name that Python prints for a signal, as in `<Signals.SIGTERM: 15>`; undefined where it knows none.
 *
 * Python runs on glibc in the reference image, so the real-time signals with a name are 34 and 64.
 */
export function signalName(signal: number): string | undefined {
  if (signal === 34) return 'SIGRTMIN';
  if (signal === 64) return 'SIGRTMAX';
  const name = NAMES[signal - 1];
  return name === undefined ? undefined : `SIG${name}`;
}

/** Signals 1 to 31 of Linux (signal(7), x86 and ARM). Of two names Python takes the one that sorts first. */
const NAMES = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG ' +
  'XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
).split(' ');
