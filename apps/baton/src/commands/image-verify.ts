import { imageVerifyOptions, reportVerification, verificationError, verifyImage } from '@baton/image';
import { defineCommand } from '../command.ts';

/** `baton image verify`. */
export const imageVerify = defineCommand(imageVerifyOptions, async (options, context) => {
  const result = await verifyImage(options, context);
  return { result, text: reportVerification(result), error: verificationError(result) };
});
