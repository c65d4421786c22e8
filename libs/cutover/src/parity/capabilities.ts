/** What a file can do, one text per capability: `permission packages: write`, `job ci-gate`, `label title=agent`. */
export interface Parity {
  /** Only the new file has it. */
  gains: readonly string[];
  same: readonly string[];
  /** Only the old file has it: an error unless the manifest says so. */
  losses: readonly string[];
}

/**
 * Compares what two files can do. Texts are listed once, in the order of the files.
 *
 * @param covers whether a capability of the new file gives one of the old file as well (`packages: write` gives `packages: read`)
 */
export function compareCapabilities(
  before: readonly string[],
  after: readonly string[],
  covers: (now: string, then: string) => boolean = () => false,
): Parity {
  const then = [...new Set(before)];
  const now = [...new Set(after)];
  const has = new Set(now);
  const isKept = (one: string): boolean => has.has(one) || now.some((other) => covers(other, one));
  const old = new Set(then);
  return {
    gains: now.filter((one) => !old.has(one)),
    same: then.filter(isKept),
    losses: then.filter((one) => !isKept(one)),
  };
}
