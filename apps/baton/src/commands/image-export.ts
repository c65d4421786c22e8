import { exportImage, imageExportOptions, reportExport } from '@baton/image';
import { loadManifest } from '@baton/manifest';
import { defineCommand } from '../command.ts';

/** `baton image export`. */
export const imageExport = defineCommand(imageExportOptions, async (options, context) => {
  const result = await exportImage(await loadManifest(options.path), options, context);
  return { result, text: reportExport(result) };
});
