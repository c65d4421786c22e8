import { imageLockOptions, lockImage, reportLock } from '@baton/image';
import { loadManifest } from '@baton/manifest';
import { defineCommand } from '../command.ts';

/** `baton image lock`. */
export const imageLock = defineCommand(imageLockOptions, async (options, context) => {
  const result = await lockImage(await loadManifest(options.path), options, context);
  return { result, text: reportLock(result, options.check) };
});
