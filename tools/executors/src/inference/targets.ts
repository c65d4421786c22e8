import type { ProjectConfiguration } from '@nx/devkit';
import type { Agent } from './agent.ts';
import type { InferenceContext } from './inference-context.ts';
import { bundleTarget } from './target-bundle.ts';
import { cutoverTarget } from './target-cutover.ts';
import { imagePlanTarget, imageTarget } from './target-image.ts';
import { parityTarget } from './target-parity.ts';
import { publishTarget } from './target-publish.ts';
import { verifyTarget } from './target-verify.ts';

/** The Nx project of an agent: a target for each section of its manifest. */
export function agentProject(agent: Agent, context: InferenceContext): ProjectConfiguration {
  const { names } = context;
  const targets: NonNullable<ProjectConfiguration['targets']> = {};
  if (agent.manifest.bundle !== undefined) targets[names.bundle] = bundleTarget(agent, agent.manifest.bundle, context);
  if (agent.manifest.image !== undefined) {
    targets[names.image] = imageTarget(agent, context);
    targets[names.imagePlan] = imagePlanTarget(agent, context);
    if (agent.manifest.image.repository !== undefined) {
      targets[names.publish] = publishTarget(agent, context);
      targets[names.verify] = verifyTarget(agent, context);
    }
  }
  if (agent.manifest.parity !== undefined) targets[names.parity] = parityTarget(agent, agent.manifest.parity, context);
  if (agent.manifest.cutover !== undefined) targets[names.cutover] = cutoverTarget(agent, context);
  return {
    name: agent.manifest.name,
    root: agent.root,
    projectType: 'application',
    targets,
    metadata: { technologies: ['baton'], targetGroups: { Agent: Object.keys(targets) } },
  };
}
