import { imageLintOptions, lintImage, lintRefusal, reportLint } from '@baton/image';
import { defineCommand } from '../command.ts';

/** `baton image lint`. */
export const imageLint = defineCommand(imageLintOptions, async (options) => {
  const report = await lintImage(options);
  return { result: report, text: reportLint(report), error: lintRefusal(report, options.strict) };
});
