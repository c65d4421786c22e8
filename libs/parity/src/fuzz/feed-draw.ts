import fc from 'fast-check';
import type { FeedStep } from '../model/scenario.ts';
import { byteStream, cutAt, cutPoints } from './byte-stream.ts';
import { seldom } from './seldom.ts';

/** How a step ends. */
type Ending =
  | { kind: 'exit'; code: number }
  | { kind: 'signal'; signal: string; to: 'self' | 'launcher' }
  /** It leaves a child that keeps the streams for a moment. */
  | { kind: 'child'; seconds: number };

/** A stream, and where it is cut. */
type CutStream = [bytes: Buffer, cuts: readonly number[]];

const NOTHING: CutStream = [Buffer.alloc(0), []];
/** Bytes that a step hands over at once: a pipe holds no more, and what does not fit is cut by chance. */
const AT_ONCE = 65_536;
/** Bytes of one stream of a step; a limit of one byte makes thirty times as much of it. */
const LONGEST = 80_000;

/**
 * What a step does: two streams of fragments, cut anywhere, interleaved, each piece handed over whole and then waited for;
 * a stream may be closed early; then it ends in some way.
 */
export function feedSteps(): fc.Arbitrary<readonly FeedStep[]> {
  return fc
    .record({
      out: fc.tuple(byteStream(LONGEST), cutPoints()),
      err: fc.oneof(
        { weight: 2, arbitrary: fc.constant(NOTHING) },
        { weight: 3, arbitrary: fc.tuple(byteStream(LONGEST), cutPoints()) },
      ),
      // Which stream the next piece is taken from, as long as both have one.
      turns: fc.array(fc.boolean(), { maxLength: 12 }),
      closes: seldom(fc.constantFrom(1 as const, 2 as const), 8),
      ending: ending(),
    })
    .map(({ out, err, turns, closes, ending: end }) => [
      ...interleave(piecesOf(out), piecesOf(err), turns),
      ...(closes === undefined ? [] : [{ kind: 'close' as const, fd: closes }]),
      ...endSteps(end),
    ]);
}

function ending(): fc.Arbitrary<Ending> {
  const exit = fc.constantFrom(0, 1, 2, 3, 7, 255).map((code): Ending => ({ kind: 'exit', code }));
  const signal = fc
    .record({
      signal: fc.constantFrom('TERM', 'KILL', 'HUP', 'SEGV', 'INT'),
      to: fc.constantFrom('self' as const, 'launcher' as const),
    })
    .map((one): Ending => ({ kind: 'signal', ...one }));
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant<Ending>({ kind: 'exit', code: 0 }) },
    { weight: 3, arbitrary: exit },
    { weight: 1, arbitrary: signal },
    { weight: 1, arbitrary: fc.constant<Ending>({ kind: 'child', seconds: 0.2 }) },
  );
}

function endSteps(end: Ending): FeedStep[] {
  if (end.kind === 'exit') return end.code === 0 ? [] : [end];
  // Whoever gets a signal may have to be waited for; then the step ends by itself.
  if (end.kind === 'signal') return [end, { kind: 'sleep', seconds: 0.05 }];
  return [end];
}

function piecesOf([bytes, cuts]: CutStream): Buffer[] {
  return cutAt(bytes, cuts).flatMap((piece) =>
    piece.length <= AT_ONCE ? [piece] : [piece.subarray(0, AT_ONCE), piece.subarray(AT_ONCE)],
  );
}

function interleave(out: Buffer[], err: Buffer[], turns: readonly boolean[]): FeedStep[] {
  const steps: FeedStep[] = [];
  for (let turn = 0; out.length + err.length > 0; turn += 1) {
    const fromErr = out.length === 0 || (err.length > 0 && turns[turn] === true);
    const bytes = (fromErr ? err : out).shift();
    if (bytes !== undefined) steps.push({ kind: 'write', fd: fromErr ? 2 : 1, bytes }, { kind: 'idle' });
  }
  return steps;
}
