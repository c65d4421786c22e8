import { imageVerifyOptions, reportVerification, verificationError, verifyProject } from '@baton/image';
import type { Capability, InferOptions } from '../../task/capability.ts';

// What is verified is what the project published: other images are for the command line.
const options = imageVerifyOptions.omit({ image: true, project: true, published: true });

/** `verify`: reads the published image back; fails when a check does. */
export const verifyCapability: Capability<InferOptions<typeof options>> = {
  name: 'verify',
  title: 'Verify an image',
  description: 'Read a published image back by digest and check that it is whole and can be started.',
  options,
  async run(chosen, { project, io, dryRun }) {
    if (dryRun) return 'verify reads back what was pushed, and a dry run pushes nothing: there is nothing to verify';
    const result = await verifyProject(project, { ...chosen, published: true }, io);
    const failure = verificationError(result);
    if (failure !== undefined) throw failure;
    return reportVerification(result);
  },
};
