import { explainDivergence } from '../explain/explain.ts';
import type { RunEnd } from '../model/observation.ts';
import type { Divergence } from '../model/verdict.ts';

/** Compares how a run ended. A code and a signal are never folded into one, and two time-outs are not equal: nothing is known then. */
export function compareEnds(channel: string, old: RunEnd, now: RunEnd): Divergence[] {
  const told = `${channel}: OLD ${describe(old)}, NEW ${describe(now)}`;
  if (old.kind === 'timeout' || now.kind === 'timeout') {
    return [{ channel, kind: 'timeout', message: `${told}: what had to be ended proves nothing`, bytes: 1 }];
  }
  if (describe(old) === describe(now)) return [];
  const kind = old.kind === 'exit' && now.kind === 'exit' ? 'exit' : 'signal';
  const explain = explainDivergence({ kind, channel, oldEnd: old, newEnd: now });
  return [{ channel, kind, message: told, ...(explain !== undefined && { explain }), bytes: 1 }];
}

function describe(end: RunEnd): string {
  if (end.kind === 'exit') return `ended with exit code ${end.code}`;
  return end.kind === 'signal' ? `was killed by ${end.signal}` : `did not end within ${end.seconds} s`;
}
