import type { ScenarioVerdict } from '../model/verdict.ts';

/** More columns than this do not fit a screen: then directories are drawn together. */
const MAX_COLUMNS = 12;
const FIRST = ['stdout', 'stderr', 'merged', 'exit'];
const LAST = ['leftovers'];

/** The columns of the grid, and which one a channel belongs to. */
export interface GridColumns {
  names: readonly string[];
  columnOf(channel: string): string;
}

/**
 * Columns for the channels of all scenarios: runs are drawn together (`run2/stdout` is `stdout`), and paths by their first
 * directories, as many as give at most twelve columns.
 */
export function gridColumns(verdicts: readonly ScenarioVerdict[]): GridColumns {
  const channels = new Set(
    verdicts.flatMap((verdict) => [...verdict.channels, ...verdict.divergences].map(({ channel }) => channel)),
  );
  for (let depth = 3; depth >= 0; depth -= 1) {
    const columnOf = (channel: string): string => columnAt(channel, depth);
    const names = [...new Set([...channels].map(columnOf))].sort(byPlace);
    if (names.length <= MAX_COLUMNS || depth === 0) return { names, columnOf };
  }
  return { names: [], columnOf: (channel) => channel };
}

function columnAt(channel: string, depth: number): string {
  const run = /^run\d+\/(.+)$/s.exec(channel);
  if (run?.[1] !== undefined) return run[1];
  const tree = /^([a-z]+):(\/.*)$/s.exec(channel);
  if (tree === null) return channel;
  const [, name = '', path = ''] = tree;
  // The last part is the file itself: its directory is what scenarios share.
  const parents = path.split('/').slice(1, -1).slice(0, depth);
  return parents.length === 0 ? `${name} files` : `${name}:/${parents.join('/')}`;
}

function byPlace(a: string, b: string): number {
  return place(a) - place(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function place(column: string): number {
  const first = FIRST.indexOf(column);
  if (first !== -1) return first;
  return FIRST.length + (LAST.includes(column) ? 1 : 0);
}
