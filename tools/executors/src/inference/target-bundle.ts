import type { BundleSection } from '@baton/manifest';
import type { TargetConfiguration } from '@nx/devkit';
import { type Agent, bundleInputs, bundleOutputs } from './agent.ts';
import type { InferenceContext } from './inference-context.ts';
import { fileInputs } from './inputs.ts';
import { projectName } from './project-name.ts';
import { sharedInputs } from './toolchain.ts';
import { isNameable, pathToken, shellWord } from './workspace-path.ts';

/** The target that runs the manifest's bundle command; cached unless its outputs lie where Nx cannot keep them. */
export function bundleTarget(agent: Agent, bundle: BundleSection, context: InferenceContext): TargetConfiguration {
  const outputs = bundleOutputs(agent);
  return {
    executor: 'nx:run-commands',
    cache: outputs.every(isNameable),
    inputs: [
      '{projectRoot}/agent.yaml',
      ...fileInputs(agent.root, bundleInputs(agent)),
      ...sharedInputs(context.nxJson),
      { runtime: 'node --version' },
    ],
    outputs: outputs.filter(isNameable).map((path) => pathToken(agent.root, path)),
    options: {
      command: bundle.command.map(shellWord).join(' '),
      cwd: '{projectRoot}',
      // Options of a run are meant for the image; the bundle command must not see them.
      forwardAllArgs: false,
    },
    metadata: {
      technologies: ['baton'],
      description: `Bundle the program of ${agent.manifest.name}`,
      help: {
        command: `npx nx show target ${projectName(context.workspaceRoot, agent)}:${context.names.bundle}`,
        example: {},
      },
    },
  };
}
