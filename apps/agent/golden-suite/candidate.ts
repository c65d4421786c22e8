/**
 * The seam: an implementation of the node agent as this suite runs it.
 *
 * Whatever it needs comes into the container as mounts that it cannot write to, so that each scenario starts from the same place.
 */
export interface Candidate {
  name: string;
  /** Program and first arguments, as seen inside the container; the arguments of a run follow. No word holds a `=`. */
  command: readonly string[];
  /** Files and directories of this machine, and where they appear in the container (absolute paths). */
  mounts: readonly { source: string; target: string }[];
  /** What to put into the environment so that the wall clock stands at `time` (`2026-01-02 03:04:05[.ffffff]`, UTC). */
  frozenClock(time: string): Readonly<Record<string, string>>;
}
