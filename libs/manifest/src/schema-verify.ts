import * as z from 'zod';
import { RELATIVE_PATH } from './path-rules.ts';
import { described, plainText, textField } from './text-field.ts';
import { ENV_NAME } from './value-rules.ts';

/** The section `image.verify`: how a published image is started once, and what else it is held against. */
export const verifySchema = z
  .strictObject({
    args: z
      .array(plainText())
      .describe("Arguments for the one start of the image, in place of the image's `cmd`. Default: that `cmd`.")
      .exactOptional(),
    env: z
      .record(textField(ENV_NAME), plainText())
      .describe('Environment variables of that start, above those of the image.')
      .exactOptional(),
    exitCode: z.int().min(0).max(255).describe('The exit code of a good start.').default(0),
    output: plainText().min(1).describe('Text that a good start prints.').exactOptional(),
    timeout: z.int().min(1).max(3600).describe('Seconds until the start is given up.').default(30),
    compose: described(
      textField(RELATIVE_PATH),
      'A compose file that runs the image: its mounts are held against the volumes of the image.',
    ).exactOptional(),
  })
  .describe('How a published image is verified.');
