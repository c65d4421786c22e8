import type { BatonError } from '@baton/kernel';
import { explainDivergence } from '../explain/explain.ts';
import type { Observation } from '../model/observation.ts';
import type { Scenario, TokenRule } from '../model/scenario.ts';
import type { Divergence, LedgerRow } from '../model/verdict.ts';
import { checkHits } from '../tokens/check-hits.ts';
import { TokenBook } from '../tokens/token-book.ts';
import { checkTokenRules, nameOf, rulesFor } from '../tokens/token-rules.ts';
import { type ContentRules, compareContent } from './compare-content.ts';
import { compareEnds } from './compare-ends.ts';
import { compareTree } from './compare-tree.ts';
import { createScriptKernel, type LineKernel } from './line-kernel.ts';
import { checkScenarioStamps } from './scenario-stamps.ts';
import { windowsOfRun, windowsOfTrees } from './windows.ts';

/** What a comparison of two observations found. */
export interface Comparison {
  /** Where OLD and NEW differ; empty when everything is equal but for validated tokens. Declared divergences are still in it. */
  divergences: readonly Divergence[];
  /** What token rules hid, by rule and channel. */
  ledger: readonly LedgerRow[];
  /** Every channel that was looked at, in order: streams and exits of the runs, then the trees, then leftovers. */
  channels: readonly { channel: string; state: 'equal' | 'diverged' }[];
  /** Token rules that were found too rarely or too often, or hid too much: each fails the scenario by itself. */
  refusals: readonly BatonError[];
}

const STREAMS = ['stdout', 'stderr', 'merged'] as const;

/**
 * Compares everything that OLD and NEW did in one scenario: as bytes first, then by lines with tokens that are validated. Memory does not
 * grow with the size of the contents. Throws TOKEN_INVALID, TOKEN_UNVALIDATED and TOKEN_OVERLAP for token rules that must not be.
 */
export async function compareObservations(
  scenario: Scenario,
  old: Observation,
  now: Observation,
  kernel: LineKernel = createScriptKernel(),
): Promise<Comparison> {
  checkTokenRules(scenario);
  const book = new TokenBook(scenario.id);
  const common: ContentRules = {
    book,
    kernel,
    crash: scenario.crash,
    rootMount: scenario.root.mount,
    hits: new Map(),
    counted: new Set(scenario.tokens.filter(isCounted).map(nameOf)),
  };
  const channels: string[] = [];
  const divergences: Divergence[] = [];
  const add = (channel: string, found: readonly Divergence[]): void => {
    channels.push(channel);
    divergences.push(...found);
  };
  for (let i = 0; i < Math.max(old.runs.length, now.runs.length); i++) {
    const [one, other] = [old.runs[i], now.runs[i]];
    const name = `run${i + 1}`;
    if (one === undefined || other === undefined) {
      const message = `${name}/exit: OLD has ${old.runs.length} runs, NEW has ${now.runs.length}`;
      add(`${name}/exit`, [{ channel: `${name}/exit`, kind: 'exit', message, bytes: 1 }]);
      continue;
    }
    const windows = { old: windowsOfRun(scenario, one, i), now: windowsOfRun(scenario, other, i) };
    for (const stream of STREAMS) {
      const channel = `${name}/${stream}`;
      if (one[stream] === undefined && other[stream] === undefined) continue;
      add(
        channel,
        await compareContent(channel, one[stream], other[stream], rulesFor(scenario, channel), windows, common),
      );
    }
    add(`${name}/exit`, compareEnds(`${name}/exit`, one.end, other.end));
  }
  const windows = { old: windowsOfTrees(scenario, old.runs), now: windowsOfTrees(scenario, now.runs) };
  for (const tree of ['host', 'container'] as const) {
    if (!scenario.observe[tree]) continue;
    const found = await compareTree(tree, scenario, old[tree], now[tree], windows, common);
    channels.push(...found.channels);
    divergences.push(...found.divergences);
  }
  add('leftovers', compareLeftovers(scenario, old, now));
  divergences.push(...checkScenarioStamps(book, divergences));
  checkHits(scenario, common.hits, book);
  const open = new Set(divergences.map(({ channel }) => channel));
  return {
    divergences,
    ledger: book.ledger(),
    channels: [...new Set(channels)].map((channel) => ({ channel, state: open.has(channel) ? 'diverged' : 'equal' })),
    refusals: book.refusals,
  };
}

function isCounted({ mustHit, atMost }: TokenRule): boolean {
  return mustHit !== undefined || atMost !== undefined;
}

function compareLeftovers({ observe }: Scenario, old: Observation, now: Observation): Divergence[] {
  if (observe.leftovers === 'any') return [];
  const channel = 'leftovers';
  return [
    { side: 'OLD', left: old.leftovers },
    { side: 'NEW', left: now.leftovers },
  ].flatMap(({ side, left }): Divergence[] => {
    if (left.length === 0) return [];
    const message = `${channel}: ${side} left ${left.length === 1 ? 'a process' : `${left.length} processes`} behind: ${left.slice(0, 5).join(', ')}`;
    const explain = explainDivergence({ kind: 'stray-process', channel });
    return [{ channel, kind: 'stray-process', message, ...(explain !== undefined && { explain }), bytes: 1 }];
  });
}
