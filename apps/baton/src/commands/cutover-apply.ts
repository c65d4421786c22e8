import { cutoverApplyOptions, outcomeJson, reportOutcome, runApply } from '@baton/cutover';
import { defineCommand } from '../command.ts';

/** `baton cutover apply`. */
export const cutoverApply = defineCommand(cutoverApplyOptions, async (options, context) => {
  const outcome = await runApply(options, context);
  return { result: outcomeJson(outcome), text: reportOutcome(outcome), error: outcome.error };
});
