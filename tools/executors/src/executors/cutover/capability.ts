import { join } from 'node:path';
import { cutoverTargetOptions, reportOutcome, reportPlan, runApply, runPlan } from '@baton/cutover';
import { BatonError } from '@baton/kernel';
import type { Capability, InferOptions } from '../../task/capability.ts';

/** `cutover`: plans the cutover that the project's manifest names, and with `apply` makes the commit. */
export const cutoverCapability: Capability<InferOptions<typeof cutoverTargetOptions>> = {
  name: 'cutover',
  title: 'Cut over',
  description: 'Plan the switch of the repository to this agent, and with --apply make it: one commit on a branch.',
  options: cutoverTargetOptions,
  async run({ apply, diff, ...chosen }, { project, io, dryRun }) {
    const section = project.manifest.cutover;
    if (section === undefined) {
      throw new BatonError('MANIFEST_INVALID', `${project.path} has no section cutover`, {
        hint: 'Add "cutover: { manifest: cutover.yaml }".',
      });
    }
    const path = join(project.dir, section.manifest);
    const outcome =
      apply && !dryRun
        ? await runApply({ ...chosen, path, dryRun: false }, io)
        : await runPlan({ path, base: chosen.base, html: chosen.html, diff }, io);
    const { plan, applied, manifestInBase } = outcome;
    const report = applied === undefined ? reportPlan(plan, { diff, manifestInBase }) : reportOutcome(outcome);
    return outcome.error === undefined ? report : { report, failure: outcome.error };
  },
};
