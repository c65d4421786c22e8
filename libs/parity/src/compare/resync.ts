/** Lines on both sides in which the next agreement is looked for. */
export const LOOK_AHEAD = 2048;
/** Lines that have to agree for it. */
export const AGREEING = 4;

/** Where two lists of lines agree again: how many lines of each come before. */
export interface SyncPoint {
  old: number;
  now: number;
}

/**
 * The nearest place from which {@link AGREEING} lines agree, or all that are left when the lists go to the end of both sides. `over`
 * says that they do; then the ends themselves are the last resort. Undefined when there is no such place.
 */
export function findSync(old: readonly string[], now: readonly string[], over: boolean): SyncPoint | undefined {
  const places = new Map<string, number[]>();
  for (const [i, key] of old.entries()) {
    const known = places.get(key);
    if (known === undefined) places.set(key, [i]);
    else known.push(i);
  }
  let best: SyncPoint | undefined;
  for (const [j, key] of now.entries()) {
    if (best !== undefined && j >= best.old + best.now) break;
    for (const i of places.get(key) ?? []) {
      if (best !== undefined && i + j >= best.old + best.now) break;
      if (agrees(old, now, i, j, over)) best = { old: i, now: j };
    }
  }
  return best ?? (over ? { old: old.length, now: now.length } : undefined);
}

function agrees(old: readonly string[], now: readonly string[], i: number, j: number, over: boolean): boolean {
  for (let k = 0; k < AGREEING; k++) {
    if (i + k >= old.length && j + k >= now.length) return over;
    if (i + k >= old.length || j + k >= now.length || old[i + k] !== now[j + k]) return false;
  }
  return true;
}
