/**
 * One step of progress, as a library reports it and a renderer draws it.
 *
 * `type` is `<noun>.<moment>`: `start`, `progress` and `end` of one piece of work share an `id`; anything else is a
 * remark (`plan`, `warn`, `retry`, `done`). Events carry no clock and no secrets; `--json` prints them as they are.
 */
export interface ProgressEvent {
  type: string;
  /** Pairs start, progress and end. */
  id?: string;
  /** What a person reads: 'layer /app (linux/amd64)'. */
  label?: string;
  done?: number;
  total?: number;
  unit?: 'bytes' | 'items';
  /** How it ended or what to know: 'cached', '290 kB'. */
  detail?: string;
  /** Facts for machines. */
  data?: Record<string, unknown>;
}

/** Where a library sends its events; never throws, never waits. */
export type Emit = (event: ProgressEvent) => void;

/** Throws events away. */
export const silent: Emit = () => undefined;
