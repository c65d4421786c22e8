import type { ProgressEvent } from './events.ts';

/** Events kept for those who come late. */
const MOST = 1_000;

/** What has happened so far, for somebody who comes late. */
export interface Replay {
  add(event: ProgressEvent): void;
  /** In the order in which they came. */
  events(): Iterable<ProgressEvent>;
}

/**
 * Keeps remarks, starts and ends, and of the progress of each piece of work only the last event, while it runs. Never
 * more than a thousand events: the oldest go first.
 */
export function replayBuffer(most: number = MOST): Replay {
  const kept = new Set<ProgressEvent>();
  const lastProgress = new Map<string, ProgressEvent>();
  const forget = (event: ProgressEvent): void => {
    kept.delete(event);
    const work = workOf(event, '.progress');
    if (work !== undefined && lastProgress.get(work) === event) lastProgress.delete(work);
  };
  return {
    add(event) {
      // A copy: the same object may come twice, or be changed by whoever sent it.
      const copy = { ...event };
      const work = workOf(copy, '.progress') ?? workOf(copy, '.end');
      const before = work === undefined ? undefined : lastProgress.get(work);
      if (before !== undefined) forget(before);
      if (work !== undefined && copy.type.endsWith('.progress')) lastProgress.set(work, copy);
      kept.add(copy);
      if (kept.size > most) for (const oldest of kept) return forget(oldest);
    },
    events: () => kept,
  };
}

/** The piece of work that an event of this moment is about. */
function workOf({ type, id }: ProgressEvent, moment: '.progress' | '.end'): string | undefined {
  return type.endsWith(moment) ? `${type.slice(0, -moment.length)}:${id ?? ''}` : undefined;
}
