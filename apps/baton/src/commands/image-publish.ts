import {
  imagePublishOptions,
  planPublish,
  publishImage,
  rememberManifest,
  reportPublish,
  reportPublishPlan,
} from '@baton/image';
import { loadManifest } from '@baton/manifest';
import { defineCommand } from '../command.ts';

/** `baton image publish`. */
export const imagePublish = defineCommand(imagePublishOptions, async (options, context) => {
  const project = await loadManifest(options.path);
  if (options.dryRun) {
    const plan = await planPublish(project, options, context);
    return { result: plan, text: reportPublishPlan(plan) };
  }
  await rememberManifest(project, context.cacheDir);
  const result = await publishImage(project, options, context);
  return { result, text: reportPublish(result) };
});
