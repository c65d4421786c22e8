import fc from 'fast-check';
import type { FeedStep } from '../model/scenario.ts';
import { feedSteps } from './feed-draw.ts';
import { seldom } from './seldom.ts';

/** One step of a package. */
export interface StepDraw {
  feed: readonly FeedStep[];
  arguments: readonly string[];
  returncodes: readonly number[];
  idempotence: boolean;
  upgrade: boolean;
  env: Readonly<Record<string, string>>;
  mode: string;
  /** Whether its flag is there before the first run. */
  flagged: boolean;
}

/** A package, the state of the host that it comes to, and how it is run. */
export interface PackageDraw {
  modes: readonly string[];
  steps: readonly StepDraw[];
  /** Environment of the agent beyond what it cannot do without; an absent one is not set. */
  settings: Readonly<Record<string, string | undefined>>;
  clock: string | undefined;
  umask: string;
  /** `current-version` and all; undefined: there is none. */
  history: string | undefined;
  /** Files of earlier runs: old logs, results, a flag directory that is a link. */
  remains: readonly Remain[];
  action: { signal: string; to: 'subject' | 'launcher' | 'group'; delay: number } | undefined;
  streams: 'apart' | 'merged';
}

export type Remain =
  | 'old logs'
  | 'check results'
  | 'all checked'
  | 'linked flags'
  | 'closed log directory'
  | 'start is a directory';

/** Modes that run steps; another word now and then. */
const MODES = [
  'apply',
  'apply-check',
  'config',
  'config-check',
  'upgrade',
  'upgrade-check',
  'post-interrupt',
  'post-interrupt-check',
  'uninstall',
  'uninstall-check',
];

/** What a variable may be set to that is read as yes or no. */
const FLAGS = ['true', 'false', 'TRUE', 'True', 'tRuE', 'yes', '1', '', ' true'];
/** Bytes of a chunk, as written. */
const LIMITS = [
  '1',
  '2',
  '3',
  '16',
  '8192',
  '65536',
  '1_024',
  ' 7 ',
  '+5',
  '99999999999999999999',
  '0',
  '-1',
  '',
  'x',
  '1.5',
];
/** Instants in UTC: no fraction, the last microsecond, zeros at the end, edges of days, months and years. */
const CLOCKS = [
  '2026-01-02 03:04:05.678901',
  '2026-01-02 03:04:05',
  '2026-01-02 03:04:05.000001',
  '2026-01-02 03:04:05.120000',
  '2026-12-31 23:59:59.999999',
  '2028-02-29 00:00:00.100000',
];
const HISTORIES = [
  '{"current-version": "1.0.0", "history": [{"version": "1.0.0", "time": "2025-11-05T10:00:00.123456+00:00"}]}',
  '{"history": [], "current-version": "uninstalled", "more": {"é": [1, 2.50, null, true]}}',
  '{"current-version": null, "history": []}',
  '{"current-version": "", "history": "x"}',
  '{"current-version": "1.0.0"}',
  '[]',
  '',
  '{"current-version": ',
  '\ufeff{}',
];
const REMAINS: readonly Remain[] = ['old logs', 'check results', 'all checked', 'linked flags', 'closed log directory'];
const ARGUMENTS = [
  'a',
  '',
  'two words',
  "it's",
  '"',
  '\\',
  'é€😀',
  'ENV:PRESENT',
  'x env:PRESENT',
  '--help',
  'env:PRESENT',
  'env:EMPTY',
  'env:PRESENTenv:x',
];
/** No such variables: the step must not run. */
const MISSING = ['env:ABSENT', 'env:', 'env:env:'];

/** Packages that are valid, and a few that fail in the same way everywhere. */
export function packageDraw({ clocks }: { clocks: boolean }): fc.Arbitrary<PackageDraw> {
  const remain = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...REMAINS) },
    fc.constant<Remain>('start is a directory'),
  );
  return fc.record({
    modes: fc.oneof(
      { weight: 5, arbitrary: fc.constant(['apply']) },
      { weight: 5, arbitrary: fc.array(fc.constantFrom(...MODES), { minLength: 1, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constantFrom('aply', 'APPLY', '').map((mode) => [mode]) },
    ),
    steps: fc.array(stepDraw(), { minLength: 1, maxLength: 3 }),
    settings: fc.record({
      SKYHOOK_AGENT_BUFFER_LIMIT: seldom(fc.constantFrom(...LIMITS), 1),
      SKYHOOK_AGENT_WRITE_LOGS: seldom(fc.constantFrom(...FLAGS), 2),
      OVERLAY_ALWAYS_RUN_STEP: seldom(fc.constantFrom(...FLAGS), 2),
      PRESENT: fc.constantFrom('here', 'two words', 'é', "q'q"),
      EMPTY: fc.constant(''),
    }),
    clock: clocks
      ? fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: fc.constantFrom(...CLOCKS) })
      : fc.constant(undefined),
    umask: fc.oneof({ weight: 5, arbitrary: fc.constant('022') }, fc.constantFrom('000', '077', '027', '0002')),
    history: seldom(fc.constantFrom(...HISTORIES), 2),
    remains: fc.uniqueArray(remain, { maxLength: 2 }),
    action: seldom(
      // In the pause before the first step, which takes a second: what happens then does not hang on the machine's speed.
      fc.record({
        signal: fc.constantFrom('TERM', 'INT'),
        to: fc.constant('subject' as const),
        delay: fc.constant(0.3),
      }),
      12,
    ),
    streams: fc.oneof({ weight: 8, arbitrary: fc.constant('apart' as const) }, fc.constant('merged' as const)),
  });
}

function stepDraw(): fc.Arbitrary<StepDraw> {
  const argument = fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...ARGUMENTS) }, fc.constantFrom(...MISSING));
  const name = fc.constantFrom('STEP_VAR', 'PATH_LIKE', 'lower');
  return fc.record({
    feed: feedSteps(),
    arguments: fc.array(argument, { maxLength: 3 }),
    returncodes: fc.oneof(
      { weight: 4, arbitrary: fc.constant([0]) },
      fc.uniqueArray(fc.constantFrom(0, 1, 7, -15, 255), { minLength: 1, maxLength: 3 }),
    ),
    idempotence: fc.boolean(),
    upgrade: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
    env: fc.dictionary(name, fc.constantFrom('', 'x', 'two words', 'a=b'), { maxKeys: 2, noNullPrototype: true }),
    mode: fc.oneof({ weight: 4, arbitrary: fc.constant('0755') }, fc.constantFrom('0644', '0700', '0600', '4755')),
    flagged: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
  });
}
