import { imageInspectOptions, inspectImage, reportInspection } from '@baton/image';
import { defineCommand } from '../command.ts';

/** `baton image inspect`. */
export const imageInspect = defineCommand(imageInspectOptions, async (options, context) => {
  const result = await inspectImage(options, context);
  return { result, text: reportInspection(result) };
});
