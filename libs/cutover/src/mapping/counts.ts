import type { Count } from '@baton/edit';
import { plural } from '@baton/kernel';

/** Whether a number is what was wanted. */
export function fits(found: number, wanted: Count): boolean {
  if (wanted === 'any') return found > 0;
  if (typeof wanted === 'number') return found === wanted;
  return found >= (wanted.min ?? 0) && found <= (wanted.max ?? Number.POSITIVE_INFINITY);
}

/** What was wanted, in words. */
export function countText(wanted: Count, noun = 'file'): string {
  if (wanted === 'any') return `at least one ${noun}`;
  if (typeof wanted === 'number') return plural(wanted, noun);
  if (wanted.min === undefined) return `at most ${plural(wanted.max ?? 0, noun)}`;
  if (wanted.max === undefined) return `at least ${plural(wanted.min, noun)}`;
  return `${wanted.min} to ${plural(wanted.max, noun)}`;
}
