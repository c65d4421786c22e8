import type { Problem } from '../model/plan.ts';
import { joined, KEPT, type Slot } from './overlay.ts';

/** A name as a file system sees it that takes upper and lower case, and composed and decomposed letters, for the same. */
export function foldedName(name: string): string {
  return name.normalize('NFC').toLowerCase().normalize('NFC');
}

/**
 * Finds names in one directory that some file systems take for the same, where at least one came there by an operation: whoever has
 * such a file system could not check the result out. Only directories that something was put into are looked at.
 */
export function findSameNames(root: Slot, nameOf: (operation: number) => string, problems: Problem[], path = ''): void {
  if (root.kind !== 'open') return;
  const byFolded = new Map<string, [string, Slot][]>();
  const anyNew = [...root.below.values()].some((slot) => slot.owner !== KEPT);
  for (const [name, slot] of root.below) {
    if (slot.kind === 'open') findSameNames(slot, nameOf, problems, joined(path, name));
    if (!anyNew) continue;
    const folded = foldedName(name);
    const same = byFolded.get(folded);
    if (same === undefined) byFolded.set(folded, [[name, slot]]);
    else same.push([name, slot]);
  }
  for (const same of byFolded.values()) {
    const [first, second] = same;
    const moved = same.find(([, slot]) => slot.owner !== KEPT);
    if (first === undefined || second === undefined || moved === undefined) continue;
    const names = same.map(([name]) => name).sort();
    problems.push({
      code: 'SAME_NAME',
      operation: nameOf(moved[1].owner),
      path: joined(path, moved[0]),
      message: `${names.map((name) => JSON.stringify(joined(path, name))).join(' and ')} are one name on file systems that ignore case or normalise letters`,
      hint: 'Rename or delete one of them.',
    });
  }
}
