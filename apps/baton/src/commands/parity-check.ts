import { loadManifest } from '@baton/manifest';
import { checkError, checkGoldens, parityCheckOptions, reportCheck } from '@baton/parity';
import { defineCommand } from '../command.ts';

/** `baton parity check`. */
export const parityCheck = defineCommand(parityCheckOptions, async (options) => {
  const result = await checkGoldens(await loadManifest(options.path));
  return { result, text: reportCheck(result), error: checkError(result) };
});
