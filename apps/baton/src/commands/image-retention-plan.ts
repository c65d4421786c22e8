import { imageRetentionPlanOptions, planRetention, reportRetention } from '@baton/image';
import { defineCommand } from '../command.ts';

/** `baton image retention plan`. */
export const imageRetentionPlan = defineCommand(imageRetentionPlanOptions, async (options, context) => {
  const result = await planRetention(options, context);
  return { result, text: reportRetention(result) };
});
