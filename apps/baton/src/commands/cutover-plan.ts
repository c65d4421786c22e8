import { cutoverPlanOptions, planJson, reportPlan, runPlan } from '@baton/cutover';
import { defineCommand } from '../command.ts';

/** `baton cutover plan`. */
export const cutoverPlan = defineCommand(cutoverPlanOptions, async (options, context) => {
  const { plan, error, manifestInBase } = await runPlan(options, context);
  return { result: planJson(plan), text: reportPlan(plan, { diff: options.diff, next: true, manifestInBase }), error };
});
