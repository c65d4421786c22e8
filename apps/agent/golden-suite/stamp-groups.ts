import type { Difference } from './difference.ts';
import { localStamps, normalise } from './normalise.ts';
import { micros } from './stamps.ts';

/** A text of a scenario whose grouping was recorded: as the reference agent wrote it, and as the candidate did. */
export interface GroupedPair {
  where: string;
  recorded: Buffer;
  found: Buffer;
}

/** Chunks that are further apart than this in a recording were parted by a pause of the script. Microseconds. */
const PAUSE = 50_000;

/**
 * Whether stamps that are equal in the recording (one chunk; stdout and its log) are equal in the candidate's output, and those parted
 * by a pause come later. Chunks that followed each other at once may share a stamp in a faster agent.
 */
export function compareGroups(pairs: readonly GroupedPair[]): Difference[] {
  const differences: Difference[] = [];
  const partners = new Map<string, { stamp: string; where: string }>();
  for (const { where, recorded, found } of pairs) {
    const [wanted, got] = [localStamps(recorded), localStamps(found)];
    if (wanted.length !== got.length) {
      differences.push({ where, problem: `${wanted.length} time stamps, found ${got.length}` });
      continue;
    }
    for (const [i, old] of wanted.entries()) {
      const stamp = got[i] ?? '';
      const first = partners.get(old);
      if (first === undefined) partners.set(old, { stamp, where });
      else if (first.stamp !== stamp) {
        const problem = `stamp ${i + 1} is ${stamp}, and should be that of the same chunk in ${first.where}, ${first.stamp}`;
        differences.push({ where, problem });
      }
    }
  }
  const groups = [...partners].sort(([one], [other]) => micros(one) - micros(other));
  for (const [i, [old, { stamp, where }]] of groups.entries()) {
    const before = groups.slice(0, i).find(([earlier, { stamp: other }]) => {
      return micros(old) - micros(earlier) > PAUSE && micros(stamp) <= micros(other);
    });
    if (before !== undefined) {
      differences.push({ where, problem: `${stamp} should be later than ${before[1].stamp}: a pause is between them` });
    }
  }
  return differences;
}

/** The texts normalised, with each distinct stamp numbered in the order of time over all of them: `<TS#1>` and so on. */
export function numberStamps(texts: readonly Buffer[], rootMount: string): Buffer[] {
  const stamps = [...new Set(texts.flatMap((text) => localStamps(text)))].sort((a, b) => micros(a) - micros(b));
  return texts.map((text) => normalise(text, rootMount, (stamp) => `<TS#${stamps.indexOf(stamp) + 1}>`));
}
