import { type Emit, redactData, silent } from '@baton/kernel';
import type { ReportMode } from './choose-mode.ts';
import { plainReporter } from './plain.ts';
import { terminalReporter } from './terminal.ts';

/** What a reporter needs to know. */
export interface ReporterOptions {
  mode: ReportMode;
  /** Takes the text; whatever it throws is the caller's affair. */
  write(text: string): void;
  /** Width of the terminal (80), or how to ask for it while it may change. */
  columns?: number | (() => number);
  /** Milliseconds, for what is left of the time; the process clock by default. */
  now?(): number;
}

/** Draws the events it is given. */
export interface Reporter {
  emit: Emit;
  /** Removes what was drawn only for a while, so that the next text starts on a line of its own. May be called twice. */
  close(): void;
}

/**
 * Makes the reporter for a mode: `plain` writes one line per end or remark, `terminal` redraws what runs in place below
 * the finished lines, `json` writes each event as one JSON line, `quiet` writes nothing.
 */
export function createReporter(options: ReporterOptions): Reporter {
  const { mode, write } = options;
  if (mode === 'plain') return plainReporter(write);
  if (mode === 'json')
    return { emit: (event) => write(`${JSON.stringify(redactData(event))}\n`), close: () => undefined };
  if (mode === 'quiet') return { emit: silent, close: () => undefined };
  const columns = options.columns ?? 80;
  return terminalReporter({
    write,
    columns: typeof columns === 'number' ? () => columns : columns,
    now: options.now ?? (() => performance.now()),
  });
}
