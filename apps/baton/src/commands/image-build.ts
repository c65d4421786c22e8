import { buildImage, imageBuildOptions, planBuild, rememberManifest, reportBuild, reportBuildPlan } from '@baton/image';
import { loadManifest } from '@baton/manifest';
import { defineCommand } from '../command.ts';

/** `baton image build`. */
export const imageBuild = defineCommand(imageBuildOptions, async (options, context) => {
  const project = await loadManifest(options.path);
  if (options.dryRun) {
    const plan = await planBuild(project, options, context);
    return { result: plan, text: reportBuildPlan(plan) };
  }
  await rememberManifest(project, context.cacheDir);
  const result = await buildImage(project, options, context);
  return { result, text: reportBuild(result) };
});
