import { attestImage, imageAttestOptions, reportAttest } from '@baton/image';
import { defineCommand } from '../command.ts';

/** `baton image attest`. */
export const imageAttest = defineCommand(imageAttestOptions, async (options, context) => {
  const result = await attestImage(options, context);
  return { result, text: reportAttest(result) };
});
