import type { Splice } from '@baton/edit';

/** The operations of two splices that touch, in the order of the manifest: `edits[0] replace and edits[3] lines`. */
export function ownersOfOverlap(splices: readonly Splice[], owners: ReadonlyMap<Splice, string>): string | undefined {
  const sorted = splices
    .map((splice, index) => ({ splice, index }))
    .sort((a, b) => a.splice.start - b.splice.start || a.splice.end - b.splice.end);
  for (const [at, one] of sorted.entries()) {
    const before = sorted[at - 1];
    if (before === undefined) continue;
    const samePlace = before.splice.start === one.splice.start && before.splice.end === one.splice.end;
    if (one.splice.start >= before.splice.end && !samePlace) continue;
    const pair = [before, one].sort((a, b) => a.index - b.index).map(({ splice }) => owners.get(splice));
    return [...new Set(pair)].join(' and ');
  }
  return undefined;
}
