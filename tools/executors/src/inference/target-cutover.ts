import type { TargetConfiguration } from '@nx/devkit';
import type { Agent } from './agent.ts';
import type { InferenceContext } from './inference-context.ts';
import { projectName } from './project-name.ts';

/** The target that plans the cutover and makes it on demand. It reads the repository's history, so no cache can know its result. */
export function cutoverTarget(agent: Agent, context: InferenceContext): TargetConfiguration {
  return {
    executor: '@baton/nx:cutover',
    cache: false,
    // Two that move the same branch would only find out that one came too late.
    parallelism: false,
    options: {},
    metadata: {
      technologies: ['baton', 'cutover'],
      description: `Switch the repository to ${agent.manifest.name}: the plan, and with --apply the commit`,
      help: {
        command: `npx nx run ${projectName(context.workspaceRoot, agent)}:${context.names.cutover} --help`,
        example: { options: { base: 'origin/main' }, args: ['--apply', '--html=plan.html'] },
      },
    },
  };
}
