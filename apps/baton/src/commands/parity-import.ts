import { loadManifest } from '@baton/manifest';
import { importParity, parityImportOptions, reportImport } from '@baton/parity';
import { defineCommand } from '../command.ts';

/** `baton parity import`. */
export const parityImport = defineCommand(parityImportOptions, async (options, context) => {
  const result = await importParity(await loadManifest(options.path), options, context);
  return { result, text: reportImport(result) };
});
