import type { TargetConfiguration } from '@nx/devkit';
import type { Agent } from './agent.ts';
import type { InferenceContext } from './inference-context.ts';
import { projectName } from './project-name.ts';

/** The target that reads the published image back; never cached, because it is about what a registry holds now. */
export function verifyTarget(agent: Agent, context: InferenceContext): TargetConfiguration {
  const { name, image } = agent.manifest;
  return {
    executor: '@baton/nx:verify',
    cache: false,
    dependsOn: [context.names.publish],
    options: {},
    metadata: {
      technologies: ['baton', 'oci'],
      description: `Read the image of ${name} back from ${image?.repository ?? 'its repository'} and check it`,
      help: {
        command: `npx nx run ${projectName(context.workspaceRoot, agent)}:${context.names.verify} --help`,
        example: { options: { html: 'dist/verify.html' }, args: ['--platform=linux/amd64', '--run=never'] },
      },
    },
  };
}
