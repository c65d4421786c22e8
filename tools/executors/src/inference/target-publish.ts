import type { TargetConfiguration } from '@nx/devkit';
import type { Agent } from './agent.ts';
import type { InferenceContext } from './inference-context.ts';
import { projectName } from './project-name.ts';

/** The target that pushes the built image; never cached, because what a registry holds is no file of ours. */
export function publishTarget(agent: Agent, context: InferenceContext): TargetConfiguration {
  const { name, image } = agent.manifest;
  return {
    executor: '@baton/nx:publish',
    cache: false,
    dependsOn: [context.names.image],
    options: {},
    metadata: {
      technologies: ['baton', 'oci'],
      description: `Publish the image of ${name} to ${image?.repository ?? 'its repository'}`,
      help: {
        command: `npx nx run ${projectName(context.workspaceRoot, agent)}:${context.names.publish} --help`,
        example: { options: { tag: ['{version}', 'latest'] }, args: ['--release=1.2.3', '--dry-run'] },
      },
    },
  };
}
