import { type Finding, type SearchResult, searchCases } from './search-cases.ts';
import { type TeeCase, teeCase } from './tee-case.ts';
import type { TeePort } from './tee-port.ts';

/** Two functions that make log text, and how they are searched for a difference. */
export interface FuzzTextOptions {
  old: TeePort;
  new: TeePort;
  seed: number;
  count: number;
  from?: number;
  signal?: AbortSignal | undefined;
  onCase?: ((tried: number) => void) | undefined;
}

/** Where the texts of OLD and NEW part. */
export interface TextFinding extends Finding {
  /** The first byte that differs. */
  offset: number;
  old: Buffer;
  new: Buffer;
}

/** Cases that are on their way at the same time: answers come in the time of a pipe, and neither side waits. */
const ON_THE_WAY = 64;
/** Attempts are cheap here: shrinking may take what it needs. */
const SHRINKS = 20_000;

/** The quick tier: only the text of one stream, no process for each case, thousands of cases a second. */
export function fuzzText(options: FuzzTextOptions): Promise<SearchResult<TeeCase, TextFinding>> {
  const { old, new: candidate, ...search } = options;
  return searchCases({
    ...search,
    arbitrary: teeCase(),
    concurrency: ON_THE_WAY,
    shrinks: SHRINKS,
    twice: false,
    attempt: async (input) => {
      const [expected, found] = await Promise.all([old.transform(input), candidate.transform(input)]);
      return expected.equals(found) ? undefined : textFinding(expected, found);
    },
  });
}

function textFinding(old: Buffer, found: Buffer): TextFinding {
  let offset = 0;
  while (offset < old.length && old[offset] === found[offset]) offset += 1;
  const message = `at byte ${offset} OLD has ${excerpt(old, offset)} and NEW has ${excerpt(found, offset)}`;
  return { message, cause: 'text', offset, old, new: found };
}

function excerpt(bytes: Buffer, offset: number): string {
  if (offset >= bytes.length) return 'nothing more';
  return JSON.stringify(bytes.toString('latin1', offset, offset + 24)).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\x${unit.charCodeAt(0).toString(16)}`,
  );
}
