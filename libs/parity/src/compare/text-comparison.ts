import { setImmediate } from 'node:timers/promises';
import { explainDivergence } from '../explain/explain.ts';
import type { Divergence } from '../model/verdict.ts';
import { LINE_BUDGET, STREAM_BUDGET } from '../tokens/token-book.ts';
import type { ByteSource } from './byte-source.ts';
import type { ChannelContext } from './channel-context.ts';
import { CrashLimits } from './crash-limits.ts';
import { LONGEST_LINE, readLogicalLine } from './crash-report.ts';
import { Findings } from './findings.ts';
import { describeRegion, type KeyedLine, type Region, withContext } from './hunk.ts';
import { checkPairs, keyLine, misformedStamps } from './line-match.ts';
import { skipLongLines } from './long-line.ts';
import { LookAhead } from './look-ahead.ts';
import { Positions } from './positions.ts';
import { AGREEING, findSync, LOOK_AHEAD } from './resync.ts';
import { Side } from './side.ts';
import { type FoundStampFault, StampFindings } from './stamp-findings.ts';
import type { TokenFault } from './token-fault.ts';
import { visibleBytes } from './visible-bytes.ts';

/** Widths of the search, so that a small edit costs little. */
const WIDTHS = [16, 128, LOOK_AHEAD];
/** Refills after which others get their turn. */
const TURN = 16;

/** Compares two texts that are not equal as bytes: equal but for valid tokens, or where and how they differ. Memory is bounded. */
export async function compareText(
  oldSource: ByteSource,
  newSource: ByteSource,
  context: ChannelContext,
): Promise<Divergence[]> {
  const comparison = new TextComparison(oldSource, newSource, context);
  await comparison.run();
  return comparison.finish();
}

class TextComparison {
  readonly #old: Side;
  readonly #new: Side;
  readonly #context: ChannelContext;
  readonly #stamps: StampFindings;
  readonly #findings: Findings;
  readonly #limits: CrashLimits;
  readonly #oldPositions: Positions;
  readonly #newPositions: Positions;
  readonly #rising = new Map<string, number>();
  #turns = 0;

  constructor(oldSource: ByteSource, newSource: ByteSource, context: ChannelContext) {
    this.#old = new Side(oldSource);
    this.#new = new Side(newSource);
    this.#context = context;
    this.#findings = new Findings(context.channel);
    const sides = { old: this.#old, now: this.#new };
    this.#stamps = new StampFindings(context, sides, (found) => this.#stampFault(found));
    this.#limits = new CrashLimits(context.rules.kinds.has('crash-report'));
    this.#oldPositions = new Positions(this.#old);
    this.#newPositions = new Positions(this.#new);
  }

  async run(): Promise<void> {
    this.#moveOn();
    for (;;) {
      const stop = this.#context.kernel.scan(this.#old, this.#new, this.#stamps);
      if (stop === 'more') this.#moveOn();
      else if (this.#old.offset >= this.#old.source.size && this.#new.offset >= this.#new.source.size) return;
      else if (!this.#lookCloser()) return;
      if (++this.#turns % TURN === 0) await setImmediate();
    }
  }

  finish(): Divergence[] {
    const { book, channel, rules } = this.#context;
    this.#stamps.settle(Infinity);
    this.#stamps.enter();
    if (rules.patterns.length > 0) checkStreamBudget(this.#context, this.#new.source.size);
    book.indexOf(channel);
    return this.#findings.list();
  }

  #moveOn(): void {
    this.#old.refill(0);
    this.#new.refill(0);
    this.#limits.apply(this.#old);
    this.#limits.apply(this.#new);
  }

  #seek(old: number, now: number): void {
    this.#old.seek(old, 0);
    this.#new.seek(now, 0);
    this.#limits.apply(this.#old);
    this.#limits.apply(this.#new);
  }

  // Both sides stand at bytes that differ, or at a crash report. False when there is no way on.
  #lookCloser(): boolean {
    const oldStart = this.#old.lineStart(this.#old.offset, LONGEST_LINE);
    const newStart = this.#new.lineStart(this.#new.offset, LONGEST_LINE);
    if (oldStart === undefined || newStart === undefined) return this.#longLine();
    const crashes = this.#context.rules.kinds.has('crash-report');
    const one = readLogicalLine(this.#old, oldStart, crashes);
    const other = readLogicalLine(this.#new, newStart, crashes);
    if (one === 'long' || other === 'long') return this.#longLine();
    if (one !== undefined && other !== undefined && this.#lineAgrees(one, other)) return true;
    return this.#resync(oldStart, newStart);
  }

  #lineAgrees(one: KeyedLine['line'], other: KeyedLine['line']): boolean {
    const [old, now] = [this.#key(one, this.#old), this.#key(other, this.#new)];
    const from = this.#old.offset - one.start;
    const agrees = old.masked === now.masked;
    if (agrees) this.#stamps.settle(Infinity);
    const faults = agrees
      ? checkPairs(old, now, from, this.#context, this.#stamps, this.#rising)
      : misformedStamps(old, now)?.filter(({ old: token }) => token.end >= from);
    if (!agrees && (faults === undefined || faults.length === 0)) return false;
    if (!agrees) this.#stamps.settle(Infinity);
    if (one.crash) {
      this.#context.book.enter('crash-report', this.#context.channel, 1, other.end - other.start - other.text.length);
    }
    for (const fault of faults ?? []) this.#tokenFault(fault, one, other);
    this.#seek(one.end, other.end);
    return true;
  }

  #key(line: KeyedLine['line'], side: Side): KeyedLine {
    return keyLine(line, this.#context, line.start === 0 && line.end === side.source.size);
  }

  #resync(oldStart: number, newStart: number): boolean {
    this.#stamps.settle(oldStart);
    const [olds, news] = [new LookAhead(this.#old, oldStart), new LookAhead(this.#new, newStart)];
    const crashes = this.#context.rules.kinds.has('crash-report');
    let sync: ReturnType<typeof findSync>;
    for (const width of WIDTHS) {
      olds.reach(width, crashes, (line) => this.#key(line, this.#old));
      news.reach(width, crashes, (line) => this.#key(line, this.#new));
      sync = findSync(olds.keys(), news.keys(), olds.over && news.over);
      if (sync !== undefined) break;
    }
    if (sync === undefined) return this.#lostSync(oldStart, newStart);
    const region: Region = {
      old: olds.lines.slice(0, sync.old),
      now: news.lines.slice(0, sync.now),
      after: olds.lines.slice(sync.old, sync.old + 3).flatMap((old, i) => {
        const now = news.lines[(sync?.now ?? 0) + i];
        return now === undefined ? [] : [{ old, now }];
      }),
      oldStart,
      newStart,
    };
    this.#addRegion(region);
    this.#seek(region.old.at(-1)?.line.end ?? oldStart, region.now.at(-1)?.line.end ?? newStart);
    return true;
  }

  #addRegion(region: Region): void {
    const found = describeRegion(this.#old, this.#new, region);
    if (this.#findings.full) {
      this.#findings.skip(found.bytes);
      return;
    }
    const { channel } = this.#context;
    const [oldEnd, newEnd] = [
      region.old.at(-1)?.line.end ?? region.oldStart,
      region.now.at(-1)?.line.end ?? region.newStart,
    ];
    const isLast = oldEnd >= this.#old.source.size && newEnd >= this.#new.source.size;
    const [oldBytes, newBytes] = [this.#old.source.size - found.old, this.#new.source.size - found.now];
    // Nothing is different but that one side goes on.
    const tail = isLast && found.kind === 'bytes' && (newBytes === 0 || oldBytes === 0);
    const kind = tail ? (newBytes === 0 ? 'missing-tail' : 'extra-tail') : found.kind;
    // In this order, because lines are counted forward.
    const starts = { old: this.#lineOf('old', region.oldStart), now: this.#lineOf('new', region.newStart) };
    const [old, now] = [this.#oldPositions.at(found.old), this.#newPositions.at(found.now)];
    const shown = (line: string | undefined, over: string): string =>
      line === undefined ? over : visibleBytes(line, found.column);
    const isEnd = { old: found.old >= this.#old.source.size, now: found.now >= this.#new.source.size };
    const message =
      `${channel} differs at line ${old.line}, column ${old.column} of OLD (line ${now.line}, column ${now.column} of NEW): ` +
      `OLD has ${shown(found.oldLine, isEnd.old ? 'nothing more' : 'no such line')}, NEW has ${shown(found.newLine, isEnd.now ? 'nothing more' : 'no such line')}`;
    const hunk = withContext(this.#old, this.#new, region, found.rows, starts);
    const explain = explainDivergence({
      kind,
      channel,
      old: found.rows.filter((row) => row.kind === 'old').flatMap((row) => row.old ?? []),
      now: found.rows.filter((row) => row.kind === 'new').flatMap((row) => row.new ?? []),
      isLast,
      newSize: this.#new.source.size,
      oldSize: this.#old.source.size,
    });
    this.#findings.add({
      kind,
      message,
      ...(explain !== undefined && { explain }),
      old,
      new: now,
      hunk,
      bytes: found.bytes,
    });
  }

  #lineOf(side: 'old' | 'new', offset: number): number {
    return (side === 'old' ? this.#oldPositions : this.#newPositions).at(offset).line;
  }

  #lostSync(oldStart: number, newStart: number): boolean {
    const [old, now] = [this.#oldPositions.at(this.#old.offset), this.#newPositions.at(this.#new.offset)];
    const rest = Math.max(this.#old.source.size - oldStart, this.#new.source.size - newStart);
    const message =
      `${this.#context.channel}: lost sync at line ${old.line} of OLD and line ${now.line} of NEW: ` +
      `no ${AGREEING} lines agree within ${LOOK_AHEAD} lines; the ${rest} bytes from there on count as different`;
    this.#findings.add({ kind: 'bytes', message, old, new: now, bytes: rest });
    return false;
  }

  #longLine(): boolean {
    const [old, now] = [this.#oldPositions.at(this.#old.offset), this.#newPositions.at(this.#new.offset)];
    this.#stamps.settle(Infinity);
    const end = skipLongLines(this.#old, this.#new);
    const message =
      `${this.#context.channel} differs in a line of more than 1 MiB, at byte ${old.offset} of OLD and byte ${now.offset} of NEW: ` +
      `OLD has ${visibleBytes(end.oldExcerpt)}, NEW has ${visibleBytes(end.newExcerpt)}`;
    this.#findings.add({ kind: 'bytes', message, old, new: now, bytes: end.bytes });
    this.#seek(end.old, end.now);
    return true;
  }

  #stampFault({ fault, kind, message, bytes, oldEnd, newEnd }: FoundStampFault): void {
    this.#findings.addFault(fault, kind, bytes, () => {
      const lineOf = (side: Side, offset: number): { start: number; end: number } => {
        const start = side.lineStart(offset, LONGEST_LINE) ?? offset;
        return { start, end: side.lineEnd(start, LONGEST_LINE) ?? offset };
      };
      const [one, other] = [lineOf(this.#old, oldEnd - 1), lineOf(this.#new, newEnd - 1)];
      return this.#faultAt(kind, message, bytes, oldEnd - bytes, newEnd - bytes, one, other);
    });
  }

  #tokenFault({ kind, message, old, now }: TokenFault, one: KeyedLine['line'], other: KeyedLine['line']): void {
    const bytes = Math.max(old.text.length, now.text.length);
    this.#findings.addFault(kind, kind, bytes, () => {
      const [from, to] = [one.start + old.start, other.start + now.start];
      const explain = explainDivergence({
        kind,
        channel: this.#context.channel,
        old: [Buffer.from(old.text, 'latin1')],
        now: [Buffer.from(now.text, 'latin1')],
        isLast: false,
        oldSize: this.#old.source.size,
        newSize: this.#new.source.size,
      });
      return {
        ...this.#faultAt(kind, message, bytes, from, to, one, other),
        ...(explain !== undefined && { explain }),
      };
    });
  }

  #faultAt(
    kind: Divergence['kind'],
    what: string,
    bytes: number,
    from: number,
    to: number,
    one: { start: number; end: number },
    other: { start: number; end: number },
  ): Omit<Divergence, 'channel'> {
    const [old, now] = [this.#oldPositions.at(from), this.#newPositions.at(to)];
    const message = `${this.#context.channel}, line ${now.line} of NEW (line ${old.line} of OLD): ${what}`;
    const rows = [
      { kind: 'old' as const, old: this.#old.copy(one.start, one.end) },
      { kind: 'new' as const, new: this.#new.copy(other.start, other.end) },
    ];
    const starts = { oldStart: one.start, newStart: other.start };
    const hunk = withContext(this.#old, this.#new, starts, rows, { old: old.line, now: now.line });
    return { kind, message, old, new: now, hunk, bytes };
  }
}

function checkStreamBudget({ book, channel }: ChannelContext, size: number): void {
  const rows = book.ledger().filter((row) => row.kind === 'pattern' && row.channel === channel);
  const hidden = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  const hits = rows.reduce((sum, { hits: count }) => sum + count, 0);
  // A newline a hit is nothing that could be compared.
  if (hidden > 0 && size - hidden <= hits) {
    const hint = 'A channel of which nothing is compared proves nothing: narrow the patterns.';
    book.refuse(`all ${channel}`, 'TOKEN_HIDES_ALL', `patterns hide all of ${channel}`, { hint });
  }
  if (hidden <= LINE_BUDGET || hidden <= size * STREAM_BUDGET) return;
  const hint = 'Narrow the patterns, or give them an `at` with the channels that need them.';
  const share = Math.round((hidden / size) * 100);
  book.refuse(
    `stream ${channel}`,
    'TOKEN_BUDGET',
    `patterns hide ${share} % of ${channel}, more than ${STREAM_BUDGET * 100} %`,
    { hint },
  );
}
