import type { Emit } from '@baton/kernel';
import { followWork } from './work.ts';

/** Words before a remark of this name; other remarks stand for themselves. */
export const REMARK_WORDS: Readonly<Record<string, string>> = { warn: 'warning: ', retry: 'retry: ', note: 'note: ' };

/** Progress as lines that a log can keep: one when work ends, one for each remark; no escape codes. */
export function plainReporter(write: (text: string) => void): { emit: Emit; close(): void } {
  const follow = followWork(() => 0);
  return {
    emit(event) {
      const told = follow.tell(event);
      if (told.kind === 'end') {
        write(`${told.work.label}${told.detail === undefined ? '' : `: ${told.detail}`}\n`);
      } else if (told.kind === 'remark') {
        write(`${REMARK_WORDS[told.name] ?? ''}${told.text}\n`);
      }
    },
    close() {
      follow.running.clear();
    },
  };
}
