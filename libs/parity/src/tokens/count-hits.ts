import type { Side } from '../compare/side.ts';
import type { ChannelRules } from './channel-rules.ts';
import { tokensOf } from './line-tokens.ts';
import { nameOf } from './token-rules.ts';

const LONGEST = 1024 * 1024;

/** How often each rule is found in a text, equal on both sides or not; by name. Lines over 1 MiB count for nothing. */
export function countHits(side: Side, rules: ChannelRules): Map<string, number> {
  const counts = new Map<string, number>();
  for (let at = 0; at < side.source.size; ) {
    const end = side.lineEnd(at, LONGEST);
    if (end === undefined) break;
    const whole = at === 0 && end === side.source.size;
    const text = side.copy(at, end).toString('latin1');
    for (const { kind, rule } of tokensOf(text, rules, whole).tokens) {
      const name = rule === undefined ? kind : nameOf(rule);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    if (rules.kinds.has('crash-report') && text.includes('Traceback (most recent call last):')) {
      counts.set('crash-report', (counts.get('crash-report') ?? 0) + 1);
    }
    at = end;
  }
  return counts;
}
