import type {
  EnvVariable,
  Feeder,
  FeedStep,
  FixtureEntry,
  PatternValidator,
  Scenario,
  TokenRule,
} from '../model/scenario.ts';
import type { FeederForm, StepForm } from './feeder-schema.ts';
import type { EntryForm } from './fixture-schema.ts';
import type { TokenForm } from './rule-schema.ts';
import { EVERYTHING, type ScenarioForm, type SuiteForm } from './scenario-schema.ts';

/** What a suite says for all of its scenarios, without the version of its form. */
export type SuiteDefaults = Partial<Omit<SuiteForm, 'apiVersion'>>;

/** Turns an entry into what is laid out: itself, or, for a tree, everything in it. */
export type EntryReader = (entry: EntryForm) => readonly FixtureEntry[];

/** What holds where neither the scenario nor its suite says anything. */
export const BUILT_IN = {
  cwd: '/',
  umask: '0022',
  root: { mount: '/t/root', base: 'busybox', remove: [] },
  streams: 'apart',
  observe: { host: true, container: true, modes: true, leftovers: 'none' },
  crash: 'strict',
  timing: 'shared',
  timeout: 60,
  feederMode: '0755',
  delay: 0.2,
  maxBytes: 4096,
} as const;

/**
 * A scenario in full: its own words, then those of its suite, then what is built in. Mappings (`root`, `observe`) and the environment are
 * merged key by key, everything else is replaced.
 */
export function scenarioOfForm(form: ScenarioForm, suite: SuiteDefaults, read: EntryReader): Scenario {
  const entries = (list: readonly EntryForm[] = []): FixtureEntry[] => list.flatMap(read);
  const clock = form.clock ?? suite.clock ?? 'real';
  return {
    id: form.id,
    why: form.why,
    tags: form.tags ?? suite.tags ?? [],
    env: mergeEnvironment(suite.env ?? {}, form.env ?? {}),
    cwd: form.cwd ?? suite.cwd ?? BUILT_IN.cwd,
    umask: form.umask ?? suite.umask ?? BUILT_IN.umask,
    root: { ...BUILT_IN.root, ...suite.root, ...form.root },
    host: entries(form.host),
    container: entries(form.container),
    feeders: (form.feeders ?? []).map(feederOf),
    runs: form.runs.map(({ argv, env = {}, before, actions = [] }) => ({
      argv,
      env: mergeEnvironment({}, env),
      before: entries(before),
      actions: actions.map(({ waitFor, delay = BUILT_IN.delay, signal, to = 'subject' }) => ({
        waitFor,
        delay,
        signal,
        to,
      })),
    })),
    clock: clock === 'real' ? { kind: 'real' } : { kind: 'frozen', time: clock },
    streams: form.streams ?? suite.streams ?? BUILT_IN.streams,
    observe: { ...BUILT_IN.observe, ...suite.observe, ...form.observe },
    tokens: (form.tokens ?? suite.tokens ?? []).map(tokenOf),
    crash: form.crash ?? suite.crash ?? BUILT_IN.crash,
    diverge: (form.diverge ?? []).map((one) => ({ ...one, maxBytes: one.maxBytes ?? BUILT_IN.maxBytes })),
    timing: form.timing ?? suite.timing ?? BUILT_IN.timing,
    timeout: form.timeout ?? suite.timeout ?? BUILT_IN.timeout,
    expectSilent: form.expectSilent ?? false,
  };
}

/** The suite's variables in their order, each with the scenario's value where it has one, then those that only the scenario has. */
export function mergeEnvironment(
  suite: Readonly<Record<string, Buffer>>,
  own: Readonly<Record<string, Buffer | null>>,
): EnvVariable[] {
  const base = Object.hasOwn(own, EVERYTHING) ? {} : suite;
  return Object.entries({ ...base, ...own }).flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
}

function feederOf({ path, mode = BUILT_IN.feederMode, steps }: FeederForm): Feeder {
  return { path, mode, steps: steps.map(stepOf) };
}

function stepOf(step: StepForm): FeedStep {
  if (step === 'idle') return { kind: 'idle' };
  if (step.out !== undefined) return { kind: 'write', fd: 1, bytes: step.out };
  if (step.err !== undefined) return { kind: 'write', fd: 2, bytes: step.err };
  if (step.sleep !== undefined) return { kind: 'sleep', seconds: step.sleep };
  if (step.close !== undefined) return { kind: 'close', fd: step.close === 'out' ? 1 : 2 };
  if (step.signal !== undefined) return { kind: 'signal', signal: step.signal.name, to: step.signal.to };
  if (step.child !== undefined) return { kind: 'child', seconds: step.child };
  return { kind: 'exit', code: step.exit ?? 0 };
}

/** A token rule from its form. */
export function tokenOf(token: TokenForm): TokenRule {
  if (typeof token === 'string') return { use: token };
  const { use, groups, name = '', pattern = '', validator, ...scope } = token;
  if (use !== 'pattern') return { use, ...(groups === undefined ? {} : { groups }), ...scope };
  return { use, name, pattern, validator: validatorOf(validator), ...scope };
}

function validatorOf(validator: Exclude<TokenForm, string>['validator']): PatternValidator {
  const { kind, min = 0, max = 0 } = validator ?? { kind: 'same' };
  return kind === 'number' ? { kind, min, max } : { kind };
}
