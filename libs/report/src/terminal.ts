import { styleText } from 'node:util';
import { type Emit, formatBytes } from '@baton/kernel';
import { REMARK_WORDS } from './plain.ts';
import { displayWidth, fitText } from './text-width.ts';
import { followWork, type Work } from './work.ts';

/** Rows of running work shown at once; the rest is counted in one line, so that a small terminal is not outgrown. */
const MAX_ROWS = 8;
/** Milliseconds between two drawings of mere progress. */
const FRAME = 80;
const BAR = 20;

/** What the terminal reporter needs. */
export interface TerminalOptions {
  write(text: string): void;
  columns(): number;
  /** Milliseconds. */
  now(): number;
}

/**
 * Progress on a terminal: finished work stays as lines, running work is redrawn in place below them.
 *
 * Each drawing is one write that ends on a fresh line, and the cursor stays visible: a process killed between two
 * drawings leaves whole lines and nothing to repair.
 */
export function terminalReporter(options: TerminalOptions): { emit: Emit; close(): void } {
  const follow = followWork(options.now);
  let drawn = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;

  /** Replaces the live area by a finished line (or nothing) and the live area as it is now. */
  const draw = (line: string | undefined, live: readonly string[]): void => {
    // Up over the old rows, then clear to the end of the screen.
    const erase = drawn === 0 ? '' : `\x1b[${drawn}A\x1b[J`;
    const text = [...(line === undefined ? [] : [line]), ...live].map((row) => `${row}\n`).join('');
    if (erase !== '' || text !== '') options.write(erase + text);
    drawn = live.length;
    drawnAt = options.now();
  };
  const rows = (): string[] => liveRows([...follow.running.values()], options.columns(), options.now());

  return {
    emit(event) {
      const told = follow.tell(event);
      if (told.kind === 'progress' && drawn > 0 && options.now() - drawnAt < FRAME) return;
      if (told.kind === 'nothing') return;
      if (told.kind === 'end') draw(endLine(told.work.label, told.detail, options.columns()), rows());
      else if (told.kind === 'remark') draw(remarkLine(told.name, told.text), rows());
      else draw(undefined, rows());
    },
    close() {
      follow.running.clear();
      draw(undefined, []);
    },
  };
}

// Finished lines may be longer than the terminal is wide: they are never redrawn, and cutting them would lose facts.
function endLine(label: string, detail: string | undefined, columns: number): string {
  const mark = paint('green', '✓');
  if (detail === undefined) return `${mark} ${label}`;
  const gap = displayWidth(label) + displayWidth(detail) + 4 <= columns ? '  ' : ' ';
  return `${mark} ${label}${gap}${paint('dim', detail)}`;
}

function remarkLine(name: string, text: string): string {
  const word = REMARK_WORDS[name] ?? '';
  if (name !== 'warn' && name !== 'retry') return `${paint('dim', '·')} ${word}${text}`;
  return `${paint('yellow', '!')} ${paint('yellow', word.trimEnd())} ${text}`;
}

function liveRows(running: readonly Work[], columns: number, now: number): string[] {
  const shown = running.length > MAX_ROWS ? running.slice(0, MAX_ROWS - 1) : running;
  // One column is left free: many terminals wrap when the last one is written.
  const width = Math.max(1, columns - 1);
  const labels = Math.max(0, ...shown.map((work) => displayWidth(work.label)));
  const lines = shown.map((work) => liveRow(work, labels, width, now));
  if (running.length > shown.length) lines.push(fitText(`… ${running.length - shown.length} more`, width));
  return lines;
}

function liveRow(work: Work, labels: number, width: number, now: number): string {
  const facts = factsOf(work, now);
  const fraction = fractionOf(work);
  if (fraction === undefined) {
    return `${paint('cyan', '▸')} ${fitText(facts === '' ? work.label : `${work.label}  ${facts}`, width - 2)}`;
  }
  // The bar goes first where there is little room, then the label is cut; the figures stay.
  const bar = width >= labels + BAR + displayWidth(facts) + 6 ? BAR : 0;
  const room = Math.max(8, width - 2 - displayWidth(facts) - 2 - (bar === 0 ? 0 : bar + 2));
  const label = fitText(work.label, room);
  const padding = ' '.repeat(Math.max(0, Math.min(labels, room) - displayWidth(label)));
  if (bar === 0) return `${paint('cyan', '▸')} ${fitText(`${label}${padding}  ${facts}`, width - 2)}`;
  const filled = Math.round(fraction * bar);
  const drawing = paint('cyan', '━'.repeat(filled)) + paint('dim', '─'.repeat(bar - filled));
  return `${paint('cyan', '▸')} ${label}${padding}  ${drawing}  ${facts}`;
}

function fractionOf(work: Work): number | undefined {
  if (work.total === undefined || work.total <= 0) return undefined;
  return Math.min(1, Math.max(0, work.done / work.total));
}

/** '12.3 of 45.6 MB, 4 s left'; without a total what is done so far. */
function factsOf(work: Work, now: number): string {
  const amount = (n: number): string => (work.unit === 'bytes' ? formatBytes(n) : String(n));
  if (work.total === undefined) return work.done > 0 ? amount(work.done) : '';
  const left = secondsLeft(work, now);
  return `${amount(work.done)} of ${amount(work.total)}${left === undefined ? '' : `, ${left} left`}`;
}

// A guess from less than a second of work jumps about too much to be of use.
function secondsLeft(work: Work, now: number): string | undefined {
  const elapsed = now - work.startedAt;
  if (elapsed < 1000 || work.done <= 0 || work.total === undefined || work.total <= work.done) return undefined;
  const seconds = Math.ceil(((work.total - work.done) * elapsed) / work.done / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function paint(style: 'green' | 'dim' | 'yellow' | 'cyan', text: string): string {
  return styleText(style, text, { validateStream: false });
}
