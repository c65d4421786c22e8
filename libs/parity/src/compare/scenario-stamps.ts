import type { Divergence } from '../model/verdict.ts';
import type { StampPair } from '../tokens/group-table.ts';
import { PAUSE } from '../tokens/stamp-track.ts';
import type { TokenBook } from '../tokens/token-book.ts';
import { iso } from './stamp-findings.ts';

/** Distinct stamps from which on their last digits say something. */
const LEAST = 3;
/** Microseconds by which the distance of local stamps from log names may differ, which have whole seconds and come before them. */
const ZONE_STEP = 15 * 60_000_000;

/** What the stamps of a scenario say as a whole: pauses part them over all channels, microseconds are real, and the zone is the same. */
export function checkScenarioStamps(book: TokenBook, found: readonly Divergence[]): Divergence[] {
  const divergences: Divergence[] = [];
  const [local, utc, log] = [book.groups.local, book.groups.utc, book.groups.log].map((table) => table.pairs());
  for (const pairs of [local ?? [], utc ?? []]) {
    const merged = mergedPauses(pairs);
    const known = found.some(({ kind }) => kind === 'token-group' || kind === 'token-order');
    if (merged !== undefined && !known) {
      const channel = book.channels[merged.pair.channel] ?? '';
      const message = `${channel}: NEW's ${iso(merged.pair.now)} should be later than ${iso(merged.before.now)} in ${book.channels[merged.before.channel]}: a pause is between them in OLD`;
      divergences.push({ channel, kind: 'token-group', message, bytes: 26 });
    }
  }
  divergences.push(...coarseStamps(book, [...(local ?? []), ...(utc ?? [])]));
  divergences.push(...movedZone(book, local ?? [], log ?? []));
  return divergences;
}

function mergedPauses(pairs: readonly StampPair[]): { pair: StampPair; before: StampPair } | undefined {
  let latest: StampPair | undefined;
  let behind = 0;
  for (const pair of pairs) {
    for (let next = pairs[behind]; next !== undefined && pair.old - next.old > PAUSE; next = pairs[++behind]) {
      if (latest === undefined || next.now > latest.now) latest = next;
    }
    // What is equal on both sides is text, at whatever moment.
    if (latest !== undefined && pair.now <= latest.now && pair.old !== pair.now && latest.old !== latest.now)
      return { pair, before: latest };
  }
  return undefined;
}

function coarseStamps(book: TokenBook, pairs: readonly StampPair[]): Divergence[] {
  const moving = pairs.filter(({ old, now }) => old !== now);
  const distinct = new Set(moving.map(({ now }) => now)).size;
  const coarse = (stamp: number): boolean => stamp % 1000 === 0;
  if (distinct < LEAST || !moving.every(({ now }) => coarse(now)) || moving.every(({ old }) => coarse(old))) return [];
  const channel = book.channels[moving[0]?.channel ?? 0] ?? '';
  const message = `${channel}: none of NEW's ${distinct} stamps has microseconds, such as ${iso(moving[0]?.now ?? 0)}`;
  const explain = 'NEW reads its clock in milliseconds and fills the rest with zeros.';
  return [{ channel, kind: 'token-format', message, explain, bytes: distinct * 3 }];
}

function movedZone(book: TokenBook, local: readonly StampPair[], log: readonly StampPair[]): Divergence[] {
  const moving = (pairs: readonly StampPair[]): StampPair[] => pairs.filter(({ old, now }) => old !== now);
  const [stamp] = moving(local);
  const name = moving(log).at(0);
  if (stamp === undefined || name === undefined) return [];
  const steps = (one: number, other: number): number => Math.round((one - other) / ZONE_STEP);
  const [wanted, got] = [steps(stamp.old, name.old), steps(stamp.now, name.now)];
  if (wanted === got) return [];
  const channel = book.channels[stamp.channel] ?? '';
  const message = `${channel}: NEW's local stamps are ${got * 15} minutes ahead of its log names, OLD's ${wanted * 15}`;
  return [
    { channel, kind: 'token-window', message, explain: 'NEW uses another time zone for one of the two.', bytes: 26 },
  ];
}
