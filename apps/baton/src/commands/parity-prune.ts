import { loadManifest } from '@baton/manifest';
import { parityPruneOptions, pruneGoldens, reportPruning } from '@baton/parity';
import { defineCommand } from '../command.ts';

/** `baton parity prune`. */
export const parityPrune = defineCommand(parityPruneOptions, async (options, context) => {
  const result = await pruneGoldens(await loadManifest(options.path), options, context);
  return { result, text: reportPruning(result) };
});
