import { plural } from '@baton/kernel';
import { describeChange, type LockResult } from './lock-image.ts';

/** What `baton image lock` (or, with `check`, a look without writing) found, for people: one line per change. */
export function reportLock(result: LockResult, check: boolean): string {
  const pinned = plural(result.entries, 'entry', 'entries');
  if (result.entries === 0 && result.unchanged) return 'Nothing to lock: the image takes nothing from outside.';
  if (result.unchanged)
    return `${result.path} ${check ? 'agrees with what is there now' : 'is up to date'}: ${pinned}.`;
  const lines = result.changes.map((change) => `  ${describeChange(change)}`);
  return [`${result.path} written: ${pinned}.`, ...lines].join('\n');
}
