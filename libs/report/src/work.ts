import { formatBytes, type ProgressEvent, redact } from '@baton/kernel';
import { visibleText } from './text-width.ts';

/** One piece of work under way, as its events told. */
export interface Work {
  id: string;
  label: string;
  done: number;
  total: number | undefined;
  unit: 'bytes' | 'items' | undefined;
  /** Milliseconds of the reporter's clock. */
  startedAt: number;
}

/** What an event means for a reporter. */
export type Told =
  | { kind: 'start' | 'progress'; work: Work }
  | { kind: 'end'; work: Work; detail: string | undefined }
  | { kind: 'remark'; name: string; text: string }
  | { kind: 'nothing' };

/**
 * Follows the events of one run: pairs start, progress and end by `id` and remembers what only the start said.
 * A remark without a label is for machines and means nothing to people.
 */
export function followWork(now: () => number): { running: Map<string, Work>; tell(event: ProgressEvent): Told } {
  const running = new Map<string, Work>();
  return {
    running,
    tell(event) {
      const dot = event.type.lastIndexOf('.');
      const moment = dot < 0 ? '' : event.type.slice(dot + 1);
      if (moment !== 'start' && moment !== 'progress' && moment !== 'end') return remark(event);
      const noun = event.type.slice(0, dot);
      const id = `${noun}:${event.id ?? ''}`;
      const known = running.get(id);
      const work: Work = {
        id,
        label: clean(event.label ?? known?.label ?? noun),
        done: event.done ?? known?.done ?? 0,
        total: event.total ?? known?.total,
        unit: event.unit ?? known?.unit,
        startedAt: known?.startedAt ?? now(),
      };
      if (moment !== 'end') {
        running.set(id, work);
        return { kind: moment, work };
      }
      running.delete(id);
      return { kind: 'end', work, detail: event.detail === undefined ? amountOf(work) : clean(event.detail) };
    },
  };
}

function remark(event: ProgressEvent): Told {
  if (event.label === undefined) return { kind: 'nothing' };
  const text = event.detail === undefined ? event.label : `${event.label}: ${event.detail}`;
  return { kind: 'remark', name: event.type, text: clean(text) };
}

function amountOf(work: Work): string | undefined {
  if (work.done === 0 || work.unit === undefined) return undefined;
  return work.unit === 'bytes' ? formatBytes(work.done) : String(work.done);
}

function clean(text: string): string {
  return visibleText(redact(text));
}
