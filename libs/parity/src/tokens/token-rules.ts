import { BatonError } from '@baton/kernel';
import type { PatternRule, Scenario, TokenKind, TokenRule } from '../model/scenario.ts';
import { channelMatches } from './channel-pattern.ts';
import type { ChannelRules, CompiledPattern } from './channel-rules.ts';
import { tokensOf } from './line-tokens.ts';

/** No rules: every byte counts. */
export const NO_RULES: ChannelRules = { kinds: new Map(), patterns: [] };

/** The rules of a scenario for a channel; none while its clock stands still, because then bytes are exact. */
export function rulesFor(scenario: Scenario, channel: string): ChannelRules {
  const rules = scenario.tokens.filter((rule) => channelMatches(rule.at, channel));
  const frozen = scenario.clock.kind === 'frozen';
  const kinds = rules.flatMap((rule) =>
    rule.use === 'pattern' || (frozen && rule.use !== 'crash-report') ? [] : [rule],
  );
  const patterns = rules.flatMap((rule) => (rule.use === 'pattern' && !frozen ? [compile(rule)] : []));
  return { kinds: new Map(kinds.map((rule) => [rule.use, rule])), patterns };
}

/**
 * Refuses token rules that would hide what nobody looks at: without an anchor or a validator, matching nothing or a newline, two for
 * the same bytes. Throws TOKEN_INVALID, TOKEN_UNVALIDATED, TOKEN_OVERLAP.
 */
export function checkTokenRules({ id, tokens }: Scenario): void {
  for (const [i, rule] of tokens.entries()) {
    if (rule.use === 'pattern') checkPattern(id, rule);
    if ((rule.atMost ?? Infinity) < (rule.mustHit ?? 0)) {
      throw invalid(
        id,
        rule,
        `must be found ${rule.mustHit} times and may be ${rule.atMost} times`,
        'Make atMost at least mustHit.',
      );
    }
    const twin = tokens.slice(0, i).find((other) => nameOf(other) === nameOf(rule) && mayMeet(other.at, rule.at));
    if (twin !== undefined) {
      throw new BatonError('TOKEN_OVERLAP', `scenario ${id} has two rules "${nameOf(rule)}" for the same channels`, {
        hint: 'Take one of them away, or give both an `at` so that they share no channel.',
      });
    }
  }
  checkSamples(id, tokens);
}

/** What a rule is called in messages and in the ledger: its kind, or the name of a pattern. */
export function nameOf(rule: TokenRule): string {
  return rule.use === 'pattern' ? rule.name : rule.use;
}

function checkPattern(id: string, rule: PatternRule): void {
  const kinds: readonly string[] = ['same', 'number', 'rising'];
  const { validator } = rule as Partial<PatternRule>;
  if (validator === undefined || !kinds.includes(validator.kind)) {
    throw new BatonError(
      'TOKEN_UNVALIDATED',
      `token rule "${rule.name}" of scenario ${id} has no validator: it would hide anything`,
      {
        hint: `Give it one of ${kinds.join(', ')}.`,
      },
    );
  }
  const { expression } = compile(rule, id);
  if (expression.test('')) {
    throw invalid(id, rule, 'matches the empty text', 'Make at least one character of the pattern mandatory.');
  }
  const anchored = /^(?:\^|[^\\()[\]{}.*+?|^$]{3}(?![*?{])|\(\?<=(?:\^|[^\\()[\]{}.*+?|^$]{3}))/.test(rule.pattern);
  const alternatives = /(?<!\\)\|/.test(rule.pattern.replace(/\((?:[^()\\]|\\.)*\)|\[(?:[^\]\\]|\\.)*\]/g, ''));
  if (!anchored || alternatives) {
    const hint =
      'Begin it with ^, with three literal characters, or with a lookbehind of them: (?<=took ). No | outside of brackets.';
    throw invalid(id, rule, `has no anchor: ${rule.pattern}`, hint);
  }
  if (
    ['\n', 'a\n', '\nabc', 'abc\nabc'].some((text) =>
      (text.match(expression) ?? []).some((found) => found.includes('\n')),
    )
  ) {
    throw invalid(id, rule, 'matches a newline', 'A token lies within one line.');
  }
}

// A line of each kind: a pattern that matches in a kind's own bytes is a second rule for them.
const SAMPLES: Readonly<Partial<Record<TokenKind, string>>> = {
  'iso-local': '[out]2026-05-02T21:51:23.456789 text',
  'iso-utc': '"time": "2026-05-02T21:51:23.456789+00:00"',
  'log-stamp': '/var/log/a.sh-2026-05-02-215123.log',
  epoch: '1777758683.25',
  'temp-name': '/tmp/tmpab12_x9z/file',
  pid: 'pid 4711',
};

function checkSamples(id: string, rules: readonly TokenRule[]): void {
  for (const pattern of rules) {
    if (pattern.use !== 'pattern') continue;
    for (const kind of rules) {
      if (kind.use === 'pattern' || !mayMeet(kind.at, pattern.at)) continue;
      const text = SAMPLES[kind.use] ?? '';
      const both = { kinds: new Map([[kind.use, kind]]), patterns: [compile(pattern)] };
      if (tokensOf(text, both, true).overlap !== undefined) {
        throw new BatonError(
          'TOKEN_OVERLAP',
          `token rules "${pattern.name}" and ${kind.use} of scenario ${id} match the same bytes`,
          {
            hint: `The pattern matches in "${text}", which ${kind.use} already covers. Narrow it, or take one of the rules away.`,
          },
        );
      }
    }
  }
}

function mayMeet(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return true;
  return channelMatches(one, other) || channelMatches(other, one);
}

function compile(rule: PatternRule, id = ''): CompiledPattern {
  try {
    return { rule, expression: new RegExp(rule.pattern, 'g') };
  } catch (cause) {
    throw invalid(id, rule, `is no regular expression: ${rule.pattern}`, 'See the message of the engine below.', cause);
  }
}

function invalid(id: string, rule: TokenRule, what: string, hint: string, cause?: unknown): BatonError {
  return new BatonError('TOKEN_INVALID', `token rule "${nameOf(rule)}" of scenario ${id} ${what}`, { hint, cause });
}
