import { resolve } from 'node:path';
import type { LoadedManifest } from '@baton/manifest';
import type { ParityPruneOptions } from '../options.ts';
import type { ParityIo } from '../runner/parity-io.ts';
import { type ParityParts, parityParts } from '../runner/parity-parts.ts';
import { paritySection } from '../runner/parity-project.ts';
import { noScenario } from './check-goldens.ts';
import { openGoldens } from './golden-store.ts';
import { refuseInCi } from './read-only.ts';

/** What was, or would be, taken away. */
export interface GoldenPruning {
  /** Ids. */
  removed: string[];
  kept: number;
  dryRun: boolean;
}

/**
 * Takes away the goldens that no scenario belongs to. Errors: `GOLDEN_READ_ONLY` in CI (a dry run may be made there), `PARITY_EMPTY`
 * when there is no scenario at all: then it is the path that is wrong, and not the goldens.
 */
export async function pruneGoldens(
  project: LoadedManifest,
  { dryRun }: ParityPruneOptions,
  io: Pick<ParityIo, 'env' | 'signal'>,
  parts: Pick<ParityParts, 'loadSuite'> = parityParts,
): Promise<GoldenPruning> {
  if (!dryRun) refuseInCi(io.env, 'prune');
  const section = paritySection(project);
  const suite = await parts.loadSuite(resolve(project.dir, section.scenarios));
  if (suite.length === 0) throw noScenario(section.scenarios);
  const known = new Set(suite.map(({ id }) => id));
  const store = openGoldens(resolve(project.dir, section.goldens));
  const prune = async (): Promise<GoldenPruning> => {
    const ids = await store.ids();
    const removed = ids.filter((id) => !known.has(id));
    if (!dryRun) for (const id of removed) await store.remove(id);
    return { removed, kept: ids.length - removed.length, dryRun };
  };
  return dryRun ? await prune() : await store.writing(prune, { signal: io.signal });
}
