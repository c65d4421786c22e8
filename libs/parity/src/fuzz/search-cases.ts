import type fc from 'fast-check';
import { caseSeed, drawCase } from './draw-case.ts';

/** What a case showed, when OLD and NEW differ in it. */
export interface Finding {
  /** One sentence. */
  message: string;
  /** Two findings with the same cause are one thing to a person. */
  cause: string;
}

/** What is searched, and how. */
export interface Search<T, F extends Finding> {
  arbitrary: fc.Arbitrary<T>;
  seed: number;
  /** How many cases are drawn. */
  count: number;
  /** How many are tried at the same time. */
  concurrency: number;
  /** Gives what differs; undefined when nothing does. Rejects with what ends the search. */
  attempt: (value: T) => Promise<F | undefined>;
  /** Whether a finding is believed only when a second attempt has it too: for subjects that are processes. */
  twice: boolean;
  /** Causes that are known already: cases that show them are counted, not shrunk. */
  known?: ReadonlySet<string>;
  /** Cases before this one (from 0) are left out. */
  from?: number;
  /** Most attempts that shrinking may take; default 400. */
  shrinks?: number;
  /** No new case begins after it, and the best so far is the result. */
  signal?: AbortSignal | undefined;
  onCase?: ((tried: number) => void) | undefined;
  onShrink?: ((attempts: number, best: F) => void) | undefined;
}

/** A case in which OLD and NEW differ, made as small as it gets. */
export interface Found<T, F extends Finding> {
  /** From 1: how many cases were drawn until this one, itself included. */
  number: number;
  seed: number;
  /** Which shrunk value was taken at each turn; `` when nothing smaller fails. */
  path: string;
  value: T;
  finding: F;
  /** As it was drawn. */
  first: F;
  shrinks: number;
  /** False when shrinking was ended early. */
  complete: boolean;
}

export interface SearchResult<T, F extends Finding> {
  /** Cases with a verdict. */
  tried: number;
  found?: Found<T, F>;
  /** Findings that a second attempt did not have. */
  flaky: number;
  /** Cases that showed a known cause. */
  repeated: number;
}

/**
 * Draws cases until OLD and NEW differ in one, and shrinks that one. With the same seed and the same subjects the same case is found,
 * however many are tried at the same time.
 */
export async function searchCases<T, F extends Finding>(search: Search<T, F>): Promise<SearchResult<T, F>> {
  const { arbitrary, seed, count, concurrency, signal, from = 0 } = search;
  const result: SearchResult<T, F> = { tried: 0, flaky: 0, repeated: 0 };
  const hits: { number: number; value: fc.Value<T>; finding: F }[] = [];
  let next = from;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < count && hits.length === 0 && !failed && !isAborted(signal)) {
      const number = next++;
      const value = drawCase(arbitrary, caseSeed(seed, number));
      const finding = await believed(search, value.value, result);
      // What was ended in the middle was not tried.
      if (finding === undefined && isAborted(signal)) return;
      result.tried += 1;
      search.onCase?.(result.tried);
      if (finding !== undefined) hits.push({ number, value, finding });
    }
  };
  const one = (): Promise<void> =>
    worker().catch((error: unknown) => {
      failed = true;
      throw error;
    });
  await allEnded(Array.from({ length: Math.max(1, concurrency) }, one));
  const [hit] = hits.sort((a, b) => a.number - b.number);
  if (hit === undefined) return result;
  const shrunk = await shrinkCase(search, hit);
  return {
    ...result,
    found: { number: hit.number + 1, seed: caseSeed(seed, hit.number), first: hit.finding, ...shrunk },
  };
}

/** What an attempt found, if it is new and can be believed. */
async function believed<T, F extends Finding>(
  search: Search<T, F>,
  value: T,
  counts: Pick<SearchResult<T, F>, 'flaky' | 'repeated'>,
): Promise<F | undefined> {
  const finding = await search.attempt(value);
  if (finding === undefined) return undefined;
  if (search.known?.has(finding.cause) === true) {
    counts.repeated += 1;
    return undefined;
  }
  if (!search.twice) return finding;
  const again = await search.attempt(value);
  if (again?.cause === finding.cause) return again;
  counts.flaky += 1;
  return undefined;
}

/** Takes the first smaller value that fails for the same cause, until none does. Several are tried at the same time. */
async function shrinkCase<T, F extends Finding>(
  search: Search<T, F>,
  start: { value: fc.Value<T>; finding: F },
): Promise<Pick<Found<T, F>, 'value' | 'finding' | 'path' | 'shrinks' | 'complete'>> {
  const { arbitrary, concurrency, signal, shrinks: limit = 400 } = search;
  let { value: best, finding } = start;
  const path: number[] = [];
  let shrinks = 0;
  const fails = async (candidate: T): Promise<F | undefined> => {
    const seen = await search.attempt(candidate);
    if (seen?.cause !== start.finding.cause) return undefined;
    if (!search.twice) return seen;
    const again = await search.attempt(candidate);
    return again?.cause === seen.cause ? again : undefined;
  };
  for (let at = 0, stream = arbitrary.shrink(best.value, best.context); ; ) {
    if (isAborted(signal) || shrinks >= limit) return { ...ended(), complete: false };
    const batch = take(stream, Math.max(1, concurrency));
    if (batch.length === 0) return { ...ended(), complete: true };
    const seen = await allEnded(batch.map((candidate) => fails(candidate.value)));
    shrinks += batch.length;
    const taken = seen.findIndex((one) => one !== undefined);
    const [value, better] = [batch[taken], seen[taken]];
    if (value === undefined || better === undefined) {
      at += batch.length;
      continue;
    }
    path.push(at + taken);
    [best, finding, at, stream] = [value, better, 0, arbitrary.shrink(value.value, value.context)];
    search.onShrink?.(shrinks, finding);
  }
  function ended() {
    return { value: best.value, finding, path: path.join(':'), shrinks };
  }
}

/** At most `count` of what a stream still has. By hand: leaving a `for` of it would end it. */
function take<T>(stream: Iterator<T>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const { done, value } = stream.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** All results; a failure is thrown when nothing runs any more. */
async function allEnded<T>(works: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(works);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}
