import { imageRootfsOptions, reportRootfs, rootfsImage } from '@baton/image';
import { defineCommand } from '../command.ts';

/** `baton image rootfs`. */
export const imageRootfs = defineCommand(imageRootfsOptions, async (options, context) => {
  // The signal of a command means that the process goes away, and not only that its caller lost interest.
  const result = await rootfsImage(options, { ...context, shutdown: context.signal });
  return { result, text: reportRootfs(result) };
});
