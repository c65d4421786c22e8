import { builtImageAt } from '@baton/image';
import { loadManifest } from '@baton/manifest';
import { fuzzError, fuzzParity, parityFuzzOptions, reportFuzz } from '@baton/parity';
import { defineCommand } from '../command.ts';

/** `baton parity fuzz`. */
export const parityFuzz = defineCommand(parityFuzzOptions, async (options, context) => {
  const result = await fuzzParity(await loadManifest(options.path), options, {
    ...context,
    openImage: async ({ layout }) => (layout === undefined ? undefined : await builtImageAt(layout, context)),
  });
  return { result, text: reportFuzz(result), error: fuzzError(result) };
});
