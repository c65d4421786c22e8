import { createHash } from 'node:crypto';
import { firstDifference } from './difference.ts';
import { normalise } from './normalise.ts';
import type { RecordedText } from './recording.ts';
import type { Scenario } from './scenario.ts';

/** How crash reports are compared: the whole error line, its type, or that there is one (goldens/README.md). */
export type TracebackLevel = Scenario['traceback_level'];

/** How the texts of a scenario are compared. */
export interface TextRules {
  rootMount: string;
  level: TracebackLevel;
  /** With a frozen clock nothing has to be normalised: the bytes themselves are equal. */
  raw: boolean;
}

/** What is different between a recorded text and what a candidate wrote; undefined when they are equal under the rules. */
export function compareTexts(recorded: RecordedText, found: Buffer, rules: TextRules): string | undefined {
  if (!('raw' in recorded)) return compareDigests(recorded, normalise(found, rules.rootMount));
  if (rules.raw && !recorded.raw_traceback_elided) return firstDifference(recorded.raw, found);
  return firstDifference(
    atLevel(recorded.norm ?? recorded.raw, rules.level),
    atLevel(normalise(found, rules.rootMount), rules.level),
  );
}

/** Takes from the tokens of crash reports what the level does not look at. */
export function atLevel(normalised: Buffer, level: TracebackLevel): Buffer {
  if (level === 'strict') return normalised;
  // A token goes to the end of its line; a message may hold any character but a newline.
  const tokens = /<TRACEBACK ([\w.]*)[^\n]*>(?=\n|$)/g;
  const text = normalised.toString('latin1');
  return Buffer.from(text.replace(tokens, level === 'typed' ? '<TRACEBACK $1>' : '<TRACEBACK>'), 'latin1');
}

type BigText = Exclude<RecordedText, { raw: Buffer }>;

function compareDigests(recorded: BigText, found: Buffer): string | undefined {
  const { norm_head: head, norm_tail: tail } = recorded;
  const start = firstDifference(head, found.subarray(0, head.length));
  if (start !== undefined) return start;
  if (found.length !== recorded.norm_size) return `${recorded.norm_size} bytes normalised, found ${found.length}`;
  const end = firstDifference(tail, found.subarray(found.length - tail.length));
  if (end !== undefined) return `in the last ${tail.length} bytes, ${end}`;
  const digest = createHash('sha256').update(found).digest('hex');
  return digest === recorded.norm_sha256 ? undefined : `sha256 ${recorded.norm_sha256} normalised, found ${digest}`;
}
