import { imageBuildOptions, planBuild, reportBuildPlan } from '@baton/image';
import type { Capability, InferOptions } from '../../task/capability.ts';

const options = imageBuildOptions.omit({ path: true, bundle: true, dryRun: true, force: true });

/** `image-plan`: prints what `image` would do. It changes nothing, with or without `--dry-run`. */
export const imagePlanCapability: Capability<InferOptions<typeof options>> = {
  name: 'image-plan',
  title: 'Plan an image',
  description: 'Print what building the image of an agent would do, and change nothing.',
  options,
  async run(chosen, { project, io }) {
    return reportBuildPlan(await planBuild(project, { ...chosen, bundle: false }, io));
  },
};
