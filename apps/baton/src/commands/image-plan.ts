import { imageBuildOptions, planBuild, reportBuildPlan } from '@baton/image';
import { loadManifest } from '@baton/manifest';
import { defineCommand } from '../command.ts';

/** `baton image plan`. */
export const imagePlan = defineCommand(
  imageBuildOptions.omit({ dryRun: true, force: true }),
  async (options, context) => {
    const plan = await planBuild(await loadManifest(options.path), options, context);
    return { result: plan, text: reportBuildPlan(plan) };
  },
);
