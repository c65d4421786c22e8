import { cutoverOpenOptions, openCutover, openedJson, reportOpened, withCutover } from '@baton/cutover';
import { defineCommand } from '../command.ts';

/** `baton cutover open`. */
export const cutoverOpen = defineCommand(cutoverOpenOptions, async (options, context) =>
  withCutover(options.path, options.repository, async (source) => {
    const opened = await openCutover(source, options, context);
    return { result: openedJson(opened), text: reportOpened(opened), error: opened.error };
  }),
);
