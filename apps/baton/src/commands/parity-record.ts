import { builtImageAt } from '@baton/image';
import { loadManifest } from '@baton/manifest';
import { parityRecordOptions, recordError, recordGoldens, reportRecord } from '@baton/parity';
import { defineCommand } from '../command.ts';

/** `baton parity record`. */
export const parityRecord = defineCommand(parityRecordOptions, async (options, context) => {
  const result = await recordGoldens(await loadManifest(options.path), options, {
    ...context,
    openImage: async ({ layout }) => (layout === undefined ? undefined : await builtImageAt(layout, context)),
  });
  return { result, text: reportRecord(result), error: recordError(result) };
});
