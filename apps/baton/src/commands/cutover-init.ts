import { cutoverInitOptions, initCutover, reportProposal, withStore } from '@baton/cutover';
import { defineCommand } from '../command.ts';

/** `baton cutover init`. */
export const cutoverInit = defineCommand(cutoverInitOptions, async (options) =>
  withStore(options.repository, async (store) => {
    const made = await initCutover(store, options);
    return { result: made, text: reportProposal(made) };
  }),
);
