import { loadManifest } from '@baton/manifest';
import { acceptGoldens, parityAcceptOptions, reportAcceptance } from '@baton/parity';
import { defineCommand } from '../command.ts';

/** `baton parity accept`. */
export const parityAccept = defineCommand(parityAcceptOptions, async (options, context) => {
  const result = await acceptGoldens(await loadManifest(options.path), options, context);
  return { result, text: reportAcceptance(result) };
});
