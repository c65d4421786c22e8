import type { DivergenceKind } from '../model/scenario.ts';
import type { LineToken } from '../tokens/line-tokens.ts';

/** A fault in a pair of tokens. */
export interface TokenFault {
  kind: DivergenceKind;
  message: string;
  old: LineToken;
  now: LineToken;
}
