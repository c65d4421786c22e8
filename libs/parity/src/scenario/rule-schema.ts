import * as z from 'zod';
import { DIVERGENCE_KINDS, type TokenKind } from '../model/scenario.ts';
import { patternField, textField } from './text-rules.ts';

const TOKEN_KINDS = [
  'iso-local',
  'iso-utc',
  'log-stamp',
  'epoch',
  'temp-name',
  'pid',
  'root-prefix',
  'crash-report',
] as const satisfies readonly TokenKind[];

const CHANNEL = /^(?:run[\d*]|host:|container:|leftovers$|\*)/;
const channelDescription = 'A channel such as `run1/stdout`, `run2/exit`, `host:/etc/x`, or a pattern of it with `*`.';
const channelField = patternField(
  CHANNEL,
  'a channel like run1/stdout, run1/exit, host:/etc/x, container:/var or leftovers',
  channelDescription,
);
const kindField = z.enum(TOKEN_KINDS);

const validatorSchema = z
  .strictObject({
    kind: z.enum(['same', 'number', 'rising']).describe('What makes a differing text valid.'),
    min: z.number().describe('Of `number`: the least.').exactOptional(),
    max: z.number().describe('Of `number`: the greatest.').exactOptional(),
  })
  .superRefine(({ kind, min, max }, context) => {
    const add = (message: string): void => context.addIssue({ code: 'custom', message });
    if (kind !== 'number' && (min ?? max) !== undefined) add(`no bounds beside ${kind}`);
    if (kind === 'number' && (min === undefined || max === undefined)) add('both bounds of the number, min and max');
    else if (kind === 'number' && (min ?? 0) > (max ?? 0)) add('bounds with something between them');
  })
  .describe(
    '`same`: texts equal in OLD are equal in NEW, and different ones differ; `number`: decimal, from `min` to `max`; `rising`: decimal, never below the one before.',
  );

const ruleSchema = z
  .strictObject({
    use: z
      .enum([...TOKEN_KINDS, 'pattern'])
      .describe('What kind of text it is; each kind has its validator, and a `pattern` brings its own.'),
    name: patternField(
      /^[a-z][a-z0-9-]*$/,
      'a name of lower-case letters, digits and "-"',
      'Of a pattern: what reports call it.',
    ).exactOptional(),
    pattern: textField(
      'a regular expression',
      'Of a pattern: a regular expression over the bytes of one line, with an anchor.',
    )
      .superRefine(refuseExpression)
      .exactOptional(),
    validator: validatorSchema.exactOptional(),
    at: channelField.describe(`Where it may be; everywhere by default. ${channelDescription}`).exactOptional(),
    mustHit: z.int().min(0).describe('How often it must be found at least; default 0.').exactOptional(),
    atMost: z.int().min(0).describe('How often it may be found.').exactOptional(),
    groups: z
      .enum(['equal', 'free'])
      .describe(
        'Of stamps: `equal` (the default): those equal in OLD are equal in NEW; `free`: chunks are chance, so only pauses are compared.',
      )
      .exactOptional(),
  })
  .superRefine(checkRule);

type RawRule = {
  use: TokenKind | 'pattern';
  name?: string;
  pattern?: string;
  validator?: object;
  mustHit?: number;
  atMost?: number;
  groups?: string;
};

function checkRule(rule: RawRule, context: z.RefinementCtx): void {
  const { use, mustHit = 0, atMost = Number.POSITIVE_INFINITY, groups } = rule;
  const add = (message: string, path: string[] = [], params: object = {}): void =>
    context.addIssue({ code: 'custom', message, path, params });
  if (atMost < mustHit) add(`at least ${mustHit}, as mustHit says`, ['atMost']);
  if (groups !== undefined && use !== 'iso-local' && use !== 'iso-utc') add('groups for stamps only', ['groups']);
  const own = (['name', 'pattern', 'validator'] as const).filter((key) => rule[key] !== undefined);
  if (use !== 'pattern') {
    if (own[0] !== undefined) add(`${own[0]} for use: pattern only`, [own[0]]);
    return;
  }
  if (rule.validator === undefined) {
    const hint = 'Add validator: { kind: same }, { kind: rising } or { kind: number, min: 0, max: 9 }.';
    add('a validator: without one the rule would hide anything', [], { code: 'TOKEN_UNVALIDATED', hint });
  } else if (own.length < 3) add('name, pattern and validator for use: pattern');
}

function refuseExpression(text: string, context: z.RefinementCtx): void {
  try {
    if (!new RegExp(text).test('')) return;
    context.addIssue({ code: 'custom', message: 'a regular expression that does not match the empty text' });
  } catch {
    context.addIssue({ code: 'custom', message: 'a valid regular expression' });
  }
}

/** The volatile texts of a scenario: a kind, or a mapping that says more. */
export const tokensSchema = z
  .array(z.union([kindField, ruleSchema]))
  .describe('Texts that differ from run to run: they are validated, and everything else is compared byte for byte.');

/** A token rule as a file has it. */
export type TokenForm = z.output<typeof tokensSchema>[number];

/** A difference that is known. */
export const divergenceSchema = z
  .strictObject({
    channel: channelField.superRefine((channel, context) => {
      if (!coversAll(channel)) return;
      context.addIssue({
        code: 'custom',
        message: 'a pattern that does not cover every channel of its kind',
        params: {
          code: 'DIVERGENCE_WILDCARD',
          hint: 'Name the channel that differs: what is not known is not allowed.',
        },
      });
    }),
    kind: z.enum(DIVERGENCE_KINDS).describe('What differs; everything by default.').exactOptional(),
    reason: textField('why it is allowed', 'Why it is allowed.').min(1),
    until: patternField(
      /^\d{4}-\d\d-\d\d$/,
      'a date like 2027-03-31',
      'The last day on which it is allowed.',
    ).superRefine((date, context) => {
      const day = new Date(`${date}T00:00:00Z`);
      if (!Number.isNaN(day.getTime()) && day.toISOString().startsWith(date)) return;
      context.addIssue({ code: 'custom', message: 'a day that exists, like 2027-03-31' });
    }),
    maxBytes: z.int().min(0).describe('More differing bytes than this fail; default 4096.').exactOptional(),
  })
  .describe('A difference that is known and allowed, for a time.');

// One of each kind of channel that has nothing in common with the next but its kind.
const PROBES: readonly (readonly string[])[] = [
  ['run1/stdout', 'run1/stderr', 'run1/exit', 'run1/merged'],
  ['host:/', 'host:/a', 'host:/z/y'],
  ['container:/', 'container:/a', 'container:/z/y'],
];

function coversAll(pattern: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${escaped.join('.*')}$`, 's');
  return PROBES.some((probes) => probes.slice(1).every((probe) => expression.test(probe)));
}
