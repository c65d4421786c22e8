import type { DivergenceKind } from '../model/scenario.ts';
import { neutral } from './neutral-text.ts';
import { OUTCOME_RULES } from './outcome-rules.ts';
import { STAMP_RULES } from './stamp-rules.ts';
import type { Suspect } from './suspect.ts';
import { TEXT_RULES } from './text-rules.ts';
import { UTF8_RULES } from './utf8-rules.ts';

const TEXT_KINDS: ReadonlySet<DivergenceKind> = new Set([
  'bytes',
  'missing-tail',
  'extra-tail',
  'token-presence',
  'crash',
]);

/** The cause of a divergence in one sentence, by the first rule that knows it. */
export function explainDivergence(suspect: Suspect): string | undefined {
  for (const rule of [...OUTCOME_RULES, ...STAMP_RULES]) {
    const sentence = rule(suspect);
    if (sentence !== undefined) return sentence;
  }
  if (!TEXT_KINDS.has(suspect.kind)) return undefined;
  const texts = { old: neutral(suspect.old), now: neutral(suspect.now), suspect };
  // Lines that both have, and a smallest difference takes out at one place and puts in at another.
  if (texts.old === texts.now) return texts.old === '' ? undefined : 'NEW has the same lines in another order.';
  for (const rule of [...UTF8_RULES, ...TEXT_RULES]) {
    const sentence = rule(texts);
    if (sentence !== undefined) return sentence;
  }
  return undefined;
}
