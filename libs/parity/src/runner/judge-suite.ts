import { join } from 'node:path';
import { BatonError, type Emit, plural, removeTree } from '@baton/kernel';
import type { Scenario } from '../model/scenario.ts';
import type { Fault, ScenarioVerdict } from '../model/verdict.ts';
import { type Judge, judgeScenario } from './judge-scenario.ts';
import { faultOf, openVerdict } from './scenario-verdict.ts';
import { type Costs, runAll } from './schedule.ts';
import { type VerdictCache, verdictKey } from './verdict-cache.ts';

/** How a suite is judged. */
export interface SuiteSettings {
  costs: Costs;
  concurrency: number;
  cache: VerdictCache;
  /** Digest of the code that compares: part of the keys of the cache. */
  tool: string;
  /** Why a scenario is left out; undefined for one that is run. */
  leaveOut(scenario: Scenario): string | undefined;
  emit: Emit;
}

/** What came of a suite. */
export interface JudgedSuite {
  /** In the order of the scenarios that were given. */
  verdicts: ScenarioVerdict[];
  faults: Fault[];
}

/**
 * Judges scenarios: from the cache where the same bytes were judged before, else by running both subjects.
 *
 * The self-test takes what OLD did, so where OLD is live and everything is in the cache the cheapest scenario is run all the same: a
 * run without a self-test would be green for nothing. When the self-test fails the rest is not run, and the failure is a fault of the
 * result. Throws what else concerns the whole run.
 */
export async function judgeSuite(
  scenarios: readonly Scenario[],
  judge: Judge,
  settings: SuiteSettings,
): Promise<JudgedSuite> {
  const verdicts = new Map<string, ScenarioVerdict>();
  const keys = new Map<string, string>();
  const toRun: Scenario[] = [];
  for (const scenario of scenarios) {
    const reason = settings.leaveOut(scenario);
    if (reason !== undefined) {
      verdicts.set(scenario.id, openVerdict(scenario, 'not-run', { reason }));
      continue;
    }
    const key = await keyOf(scenario, judge, settings.tool);
    const known = key === undefined || isPast(scenario, judge.today) ? undefined : await settings.cache.read(key);
    if (key !== undefined) keys.set(scenario.id, key);
    if (known === undefined) toRun.push(scenario);
    else verdicts.set(scenario.id, known);
  }
  const progress = progressOf(scenarios.length, settings.emit);
  const faults: Fault[] = [];
  try {
    await reviewCached(scenarios, toRun, verdicts, judge, settings.costs);
    for (const verdict of verdicts.values()) progress.add(verdict);
    await runAll(toRun, settings, async (scenario) => {
      if (judge.signal.aborted) throw interrupted();
      const verdict = await judgeScenario(scenario, judge);
      verdicts.set(scenario.id, verdict);
      const key = keys.get(scenario.id);
      if (key !== undefined) await settings.cache.write(key, verdict);
      progress.add(verdict);
    });
  } catch (error) {
    if (!(error instanceof BatonError) || error.code !== 'SELF_TEST_FAILED') throw error;
    faults.push(faultOf(error));
  }
  // Where no verdict says anything, its own reason is what is to be told.
  const claims = [...verdicts.values()].some(({ state }) => state !== 'undetermined' && state !== 'not-run');
  if (faults.length === 0 && judge.selfTest.counts().mutations === 0 && claims) {
    faults.push(nothingTested());
  }
  progress.end();
  const stopped = { reason: 'the run was stopped: the self-test of the comparator failed' };
  return {
    verdicts: scenarios.map((scenario) => verdicts.get(scenario.id) ?? openVerdict(scenario, 'not-run', stopped)),
    faults,
  };
}

// Recorded observations cost nothing, so those of cached scenarios serve the self-test as well; and a golden that somebody edited is
// found although its scenario was judged before.
async function reviewCached(
  scenarios: readonly Scenario[],
  toRun: Scenario[],
  verdicts: Map<string, ScenarioVerdict>,
  judge: Judge,
  costs: Costs,
): Promise<void> {
  const cached = scenarios.filter(({ id }) => verdicts.get(id)?.cached === true);
  if (cached.length === 0) return;
  const { kind } = await judge.old.identity();
  if (kind !== 'golden') {
    if (toRun.length > 0) return;
    const cheapest = cached.reduce((best, scenario) => (costs.of(scenario) < costs.of(best) ? scenario : best));
    verdicts.delete(cheapest.id);
    toRun.push(cheapest);
    return;
  }
  for (const scenario of cached) {
    const directory = join(judge.directory, 'work', scenario.id);
    try {
      await judge.selfTest.take(scenario, await judge.old.observe(scenario, { directory, signal: judge.signal }));
    } catch (error) {
      if (!(error instanceof BatonError) || !error.code.startsWith('GOLDEN_')) throw error;
      const because = { reason: error.message, code: error.code };
      verdicts.set(scenario.id, openVerdict(scenario, 'undetermined', because));
    } finally {
      await removeTree(directory);
    }
  }
}

async function keyOf(scenario: Scenario, judge: Judge, tool: string): Promise<string | undefined> {
  const digest = async (side: 'old' | 'new'): Promise<string> =>
    (await judge[side].digestOf?.(scenario)) ?? (await judge[side].identity()).digest;
  try {
    return verdictKey({ scenario, old: await digest('old'), new: await digest('new'), tool });
  } catch (error) {
    // A golden that is missing or damaged is told when it is read.
    if (error instanceof BatonError && error.code.startsWith('GOLDEN_')) return undefined;
    throw error;
  }
}

function isPast({ diverge }: Scenario, today: string): boolean {
  return diverge.some(({ until }) => today > until);
}

function progressOf(total: number, emit: Emit): { add(verdict: ScenarioVerdict): void; end(): void } {
  let done = 0;
  let failing = 0;
  let cached = 0;
  const label = (): string => (failing === 0 ? 'scenarios' : `scenarios, ${failing} failing`);
  emit({ type: 'parity.start', label: label(), total, unit: 'items' });
  return {
    add(verdict) {
      done += 1;
      if (verdict.cached) cached += 1;
      if (verdict.state === 'diverged' || verdict.state === 'undetermined') {
        failing += 1;
        const [first] = verdict.divergences;
        const [refusal] = verdict.refusals;
        const detail = first?.message ?? refusal?.message ?? verdict.reason;
        emit({
          type: 'scenario',
          label: `${verdict.state}: ${verdict.scenario}`,
          ...(detail === undefined ? {} : { detail }),
        });
      }
      emit({ type: 'parity.progress', label: label(), done, total, unit: 'items' });
    },
    end() {
      const facts = [
        ...(failing === 0 ? [] : [`${failing} failing`]),
        ...(cached === 0 ? [] : [`${cached} from the cache`]),
      ];
      emit({ type: 'parity.end', label: plural(done, 'scenario'), detail: ['done', ...facts].join(', ') });
    },
  };
}

function nothingTested(): Fault {
  return {
    code: 'SELF_TEST_FAILED',
    message: 'no difference could be planted into what OLD did: that the comparator can say no was not shown',
    hint: 'OLD could not be run, or did nothing that is looked at.',
  };
}

function interrupted(): BatonError {
  return new BatonError('INTERRUPTED', 'the parity run was interrupted', {
    hint: 'Run the same command again. What the former run left is as it was.',
  });
}
