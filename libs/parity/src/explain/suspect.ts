import type { RunEnd, TreeRow } from '../model/observation.ts';
import type { DivergenceKind } from '../model/scenario.ts';

/** A divergence as a rule sees it. */
export interface Suspect {
  kind: DivergenceKind;
  channel: string;
  /** Lines that only one side has, or the two tokens of a token divergence. */
  old?: readonly Buffer[];
  now?: readonly Buffer[];
  /** Whether nothing follows on either side. */
  isLast?: boolean;
  oldSize?: number;
  newSize?: number;
  oldEnd?: RunEnd;
  newEnd?: RunEnd;
  oldMode?: string | undefined;
  newMode?: string | undefined;
  umask?: string;
  type?: TreeRow['type'];
}

/** The two sides of a divergence of text, one character a byte, moments made alike. */
export interface Texts {
  old: string;
  now: string;
  suspect: Suspect;
}

/** Names the cause of a divergence in one sentence, or does not know it. */
export type TextRule = (texts: Texts) => string | undefined;
/** The same for what has no text. */
export type SuspectRule = (suspect: Suspect) => string | undefined;
