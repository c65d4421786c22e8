import { imageLoadOptions, loadImage, reportLoad } from '@baton/image';
import { defineCommand } from '../command.ts';

/** `baton image load`. */
export const imageLoad = defineCommand(imageLoadOptions, async (options, context) => {
  const result = await loadImage(options, context);
  return { result, text: reportLoad(result) };
});
