import type { FixtureEntry, Scenario } from '../model/scenario.ts';
import type { ChannelRules } from '../tokens/channel-rules.ts';
import { tokensOf } from '../tokens/line-tokens.ts';
import { rulesFor } from '../tokens/token-rules.ts';

/** Bytes that change from run to run, and of what kind they are. */
export interface TokenSpan {
  start: number;
  /** Offset behind the last byte. */
  end: number;
  /** A kind of token, or the name of a pattern rule. */
  kind: string;
}

/** Finds the volatile bytes of a channel or of a name; in order, not overlapping. */
export interface FindTokens {
  /** In a piece of a channel that begins and ends with a line. */
  inText(channel: string, bytes: Buffer): TokenSpan[];
  /** In the path of something that is new in a tree. */
  inPath(channel: string, path: Buffer): TokenSpan[];
}

const LF = 0x0a;

/**
 * Which bytes a golden of this scenario stores as tokens: what its rules call volatile, and would be other bytes in the next recording.
 * None under a frozen clock, and none that the scenario itself puts there: they are text.
 */
export function tokenFinder(scenario: Scenario): FindTokens {
  const given = givenText(scenario);
  const inLine = (line: Buffer, rules: ChannelRules, whole: boolean): TokenSpan[] => {
    let behind = 0;
    return tokensOf(line.toString('latin1'), rules, whole).tokens.flatMap(({ kind, rule, start, end, text }) => {
      if (start < behind || end === start || text.includes('\n') || given.includes(text)) return [];
      behind = end;
      return [{ start, end, kind: rule?.name ?? kind }];
    });
  };
  return {
    inText(channel, bytes) {
      const rules = rulesFor(scenario, channel);
      if (rules.kinds.size === 0 && rules.patterns.length === 0) return [];
      const spans: TokenSpan[] = [];
      for (let from = 0; from < bytes.length; ) {
        const lf = bytes.indexOf(LF, from);
        const to = lf === -1 ? bytes.length : lf + 1;
        for (const { start, end, kind } of inLine(bytes.subarray(from, to), rules, from === 0 && to === bytes.length)) {
          spans.push({ start: from + start, end: from + end, kind });
        }
        from = to;
      }
      return spans;
    },
    inPath(channel, path) {
      const { kinds } = rulesFor(scenario, channel);
      const named = [...kinds].filter(([kind]) => kind === 'log-stamp' || kind === 'temp-name');
      return named.length === 0 ? [] : inLine(path, { kinds: new Map(named), patterns: [] }, false);
    },
  };
}

// Everything that a scenario lays out or says, as one Latin-1 text.
function givenText(scenario: Scenario): string {
  const { host, container, runs, feeders } = scenario;
  const entries: FixtureEntry[] = [...host, ...container, ...runs.flatMap(({ before }) => before)];
  const variables = [...scenario.env, ...runs.flatMap(({ env }) => env)];
  const parts = [
    ...entries.map(({ path, target }) => Buffer.from(`${path}\n${target ?? ''}`)),
    ...entries.flatMap(({ contents }) => {
      if (contents === undefined) return [];
      return [Buffer.isBuffer(contents) ? contents : Buffer.from(JSON.stringify(contents))];
    }),
    ...variables.map(({ value }) => value),
    ...runs.flatMap(({ argv }) => argv),
    ...feeders.flatMap(({ steps }) => steps.flatMap((step) => (step.kind === 'write' ? [step.bytes] : []))),
  ];
  return parts.map((part) => part.toString('latin1')).join('\n');
}
