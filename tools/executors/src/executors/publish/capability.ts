import { imagePublishOptions, planPublish, publishImage, reportPublish, reportPublishPlan } from '@baton/image';
import type { Capability, InferOptions } from '../../task/capability.ts';

// The image is a task of its own that Nx has run already.
const options = imagePublishOptions.omit({ path: true, build: true });

/** `publish`: pushes the built image; with `--dry-run` prints what it would push. */
export const publishCapability: Capability<InferOptions<typeof options>> = {
  name: 'publish',
  title: 'Publish an image',
  description: 'Push a built image under the tags that its version allows, once, and record its digest.',
  options,
  async run(chosen, { project, io, dryRun }) {
    const all = { ...chosen, build: false, dryRun };
    return dryRun
      ? reportPublishPlan(await planPublish(project, all, io))
      : reportPublish(await publishImage(project, all, io));
  },
};
