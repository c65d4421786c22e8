import type {
  EnvVariable,
  Feeder,
  FeedStep,
  FixtureEntry,
  Scenario,
  ScenarioRun,
  TokenRule,
} from '../model/scenario.ts';
import { sameData } from './same-data.ts';
import { BUILT_IN, mergeEnvironment, type SuiteDefaults, tokenOf } from './scenario-of-form.ts';
import { EVERYTHING } from './scenario-schema.ts';
import type { Writable } from './yaml-nodes.ts';

type Members = { [key: string]: Writable | undefined };

/** A scenario as its file has it, in the order of its keys, without what its suite or nobody needs to say. */
export function formOfScenario(scenario: Scenario, suite: SuiteDefaults): Members {
  const own = <T>(value: T, common: T | undefined, builtIn: T): T | undefined =>
    sameData(value, common ?? builtIn) ? undefined : value;
  const { clock, root, observe } = scenario;
  return {
    apiVersion: 'parity/v1',
    id: scenario.id,
    why: scenario.why,
    tags: own(scenario.tags, suite.tags, []),
    env: environmentForm(scenario.env, suite.env ?? {}),
    cwd: own(scenario.cwd, suite.cwd, BUILT_IN.cwd),
    umask: own(scenario.umask, suite.umask, BUILT_IN.umask),
    root: differing({ ...root }, { ...BUILT_IN.root, ...suite.root }),
    host: listForm(scenario.host.map(entryForm)),
    container: listForm(scenario.container.map(entryForm)),
    feeders: listForm(scenario.feeders.map(feederForm)),
    runs: scenario.runs.map(runForm),
    clock: own(clock.kind === 'real' ? 'real' : clock.time, suite.clock, 'real'),
    streams: own<string>(scenario.streams, suite.streams, BUILT_IN.streams),
    observe: differing({ ...observe }, { ...BUILT_IN.observe, ...suite.observe }),
    tokens: sameData(scenario.tokens, (suite.tokens ?? []).map(tokenOf)) ? undefined : scenario.tokens.map(tokenForm),
    crash: own<string>(scenario.crash, suite.crash, BUILT_IN.crash),
    diverge: listForm(
      scenario.diverge.map(({ channel, kind, reason, until, maxBytes }) => ({
        channel,
        kind,
        reason,
        until,
        maxBytes: maxBytes === BUILT_IN.maxBytes ? undefined : maxBytes,
      })),
    ),
    timing: own<string>(scenario.timing, suite.timing, BUILT_IN.timing),
    timeout: own<number>(scenario.timeout, suite.timeout, BUILT_IN.timeout),
    expectSilent: scenario.expectSilent ? true : undefined,
  };
}

/** A token rule as a file has it: the kind alone where nothing else is said. */
export function tokenForm(rule: TokenRule): Writable {
  const { use, at, mustHit, atMost } = rule;
  const scope = { at, mustHit, atMost };
  if (rule.use === 'pattern') {
    return { use, name: rule.name, pattern: rule.pattern, validator: { ...rule.validator }, ...scope };
  }
  const { groups } = rule;
  return [at, mustHit, atMost, groups].every((one) => one === undefined) ? use : { use, groups, ...scope };
}

function environmentForm(env: readonly EnvVariable[], suite: Readonly<Record<string, Buffer>>): Members | undefined {
  const all = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  const changed = Object.entries(all).filter(
    ([name, value]) => !Object.hasOwn(suite, name) || suite[name]?.equals(value) !== true,
  );
  const unset = Object.keys(suite).flatMap((name) => (Object.hasOwn(all, name) ? [] : [[name, null] as const]));
  const own = Object.fromEntries([...unset, ...changed]);
  if (Object.keys(own).length === 0) return sameData(mergeEnvironment(suite, {}), env) ? undefined : everything(all);
  return sameData(mergeEnvironment(suite, own), env) ? own : everything(all);
}

// Where the order is another than the suite's.
function everything(all: Record<string, Buffer>): Members {
  return { [EVERYTHING]: null, ...all };
}

function differing(own: Members, common: Members): Members | undefined {
  const entries = Object.entries(own).filter(([key, value]) => !sameData(value, common[key]));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function entryForm({ path, type, mode, mtime, target, contents }: FixtureEntry): Members {
  const begin = { path, type: type === 'file' ? undefined : type, mode, mtime, target };
  if (contents === undefined || Buffer.isBuffer(contents)) return { ...begin, contents };
  if (contents.kind === 'repeat') {
    const { unit, count, tail } = contents;
    return { ...begin, generate: { repeat: unit, count, tail } };
  }
  return { ...begin, generate: { lines: contents.format, count: contents.count } };
}

function runForm({ argv, env, before, actions }: ScenarioRun): Members {
  return {
    argv,
    env: env.length === 0 ? undefined : Object.fromEntries(env.map(({ name, value }) => [name, value])),
    before: listForm(before.map(entryForm)),
    actions: listForm(
      actions.map(({ waitFor, delay, signal, to }) => ({
        waitFor,
        delay: delay === BUILT_IN.delay ? undefined : delay,
        signal,
        to: to === 'subject' ? undefined : to,
      })),
    ),
  };
}

function feederForm({ path, mode, steps }: Feeder): Members {
  return { path, mode: mode === BUILT_IN.feederMode ? undefined : mode, steps: steps.map(stepForm) };
}

function stepForm(step: FeedStep): Writable {
  switch (step.kind) {
    case 'idle':
      return 'idle';
    case 'write':
      return step.fd === 1 ? { out: step.bytes } : { err: step.bytes };
    case 'sleep':
      return { sleep: step.seconds };
    case 'close':
      return { close: step.fd === 1 ? 'out' : 'err' };
    case 'signal':
      return { signal: { name: step.signal, to: step.to } };
    case 'child':
      return { child: step.seconds };
    case 'exit':
      return { exit: step.code };
  }
}

function listForm(items: readonly Writable[]): readonly Writable[] | undefined {
  return items.length === 0 ? undefined : items;
}
