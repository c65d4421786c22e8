import { buildImage, imageBuildOptions, reportBuild } from '@baton/image';
import { BatonError } from '@baton/kernel';
import type { Capability, InferOptions } from '../../task/capability.ts';

// The project is the task's own, and its bundle is a task of its own that Nx has run already.
const options = imageBuildOptions.omit({ path: true, bundle: true, dryRun: true });

/** `image`: builds the agent's image into `dist/image`. */
export const imageCapability: Capability<InferOptions<typeof options>> = {
  name: 'image',
  title: 'Build an image',
  description: 'Build the image of an agent reproducibly into dist/image, without a container engine.',
  options,
  async run(chosen, { name, target, project, io, dryRun }) {
    if (dryRun) throw cachedDryRun(name, target('image-plan'));
    return reportBuild(await buildImage(project, { ...chosen, bundle: false, dryRun: false }, io));
  },
};

// Nx caches what this target leaves; a dry run leaves nothing, and that would be restored later in place of an image.
function cachedDryRun(name: string, plan: string): BatonError {
  return new BatonError('USAGE', `image of ${name}: this target is cached, so it has no dry run`, {
    hint: `The plan is a target of its own: npx nx run ${plan}`,
  });
}
