import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, digestHex, errnoOf, sha256, writeFileAtomic } from '@baton/kernel';
import type { Scenario } from '../model/scenario.ts';
import type { ScenarioVerdict } from '../model/verdict.ts';
import { fromPlain, toPlain } from './buffer-json.ts';

/** Verdicts of former runs on the same bytes. It is a memory and no truth: without it everything is run again. */
export interface VerdictCache {
  read(key: string): Promise<ScenarioVerdict | undefined>;
  /** Remembers a verdict that is `equal` or `declared`; any other is looked at again the next time. */
  write(key: string, verdict: ScenarioVerdict): Promise<void>;
}

/** What a verdict depends on. A scenario holds its fixtures, its token rules and its declarations. */
export interface VerdictInputs {
  scenario: Scenario;
  /** Digest of what OLD is: of the golden, or of the live subject. */
  old: string;
  new: string;
  /** Digest of the code that compares. */
  tool: string;
}

/**
 * The key of a verdict. The tier is in it by the scenario's clock. The date is not: a verdict under a declaration that is past its day is
 * not taken from here.
 */
export function verdictKey(inputs: VerdictInputs): string {
  return digestHex(sha256(canonicalJson(toPlain(inputs))));
}

/** The cache in a directory of the user's cache. Entries that cannot be read are absent. */
export function verdictCache(cacheDir: string): VerdictCache {
  const place = (key: string): string => join(cacheDir, 'v1', 'parity', key.slice(0, 2), `${key}.json`);
  return {
    async read(key) {
      try {
        const verdict = fromPlain(JSON.parse(await readFile(place(key), 'utf8'))) as ScenarioVerdict;
        return verdict.state === 'equal' || verdict.state === 'declared' ? { ...verdict, cached: true } : undefined;
      } catch (error) {
        if (error instanceof SyntaxError || errnoOf(error) !== undefined) return undefined;
        throw error;
      }
    },
    async write(key, verdict) {
      if (verdict.state !== 'equal' && verdict.state !== 'declared') return;
      await writeFileAtomic(place(key), canonicalJson(toPlain(verdict)));
    },
  };
}

/** A cache that knows nothing and keeps nothing. */
export const noCache: VerdictCache = { read: async () => undefined, write: async () => undefined };
