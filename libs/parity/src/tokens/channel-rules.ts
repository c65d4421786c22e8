import type { KindRule, PatternRule, TokenKind } from '../model/scenario.ts';

/** The rules that hold in one channel. */
export interface ChannelRules {
  kinds: ReadonlyMap<TokenKind, KindRule>;
  patterns: readonly CompiledPattern[];
}

/** A pattern of a scenario, ready to be matched. */
export interface CompiledPattern {
  rule: PatternRule;
  expression: RegExp;
}
