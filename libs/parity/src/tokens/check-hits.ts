import { plural } from '@baton/kernel';
import type { Scenario } from '../model/scenario.ts';
import type { TokenBook } from './token-book.ts';
import { nameOf } from './token-rules.ts';

/** Refuses rules that were found too rarely in NEW (a rule that does nothing hides the next thing it fits) or too often. */
export function checkHits(scenario: Scenario, hits: ReadonlyMap<string, number>, book: TokenBook): void {
  // A clock that stands still leaves nothing to rules.
  if (scenario.clock.kind === 'frozen') return;
  for (const rule of scenario.tokens) {
    const name = nameOf(rule);
    const found = hits.get(name) ?? 0;
    if (rule.mustHit !== undefined && found < rule.mustHit) {
      const message = `token rule "${name}" was found ${plural(found, 'time')}, and must be ${plural(rule.mustHit, 'time')}`;
      book.refuse(`few ${name}`, 'TOKEN_UNUSED', message, {
        hint: 'Take the rule away if it is no longer needed, or lower mustHit.',
      });
    }
    if (rule.atMost !== undefined && found > rule.atMost) {
      const message = `token rule "${name}" was found ${plural(found, 'time')}, and may be ${plural(rule.atMost, 'time')}`;
      book.refuse(`many ${name}`, 'TOKEN_EXCEEDED', message, {
        hint: 'Look at what it hides in the ledger; then narrow the rule or raise atMost.',
      });
    }
  }
}
