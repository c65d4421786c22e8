import { posix } from 'node:path';
import type { TargetConfiguration, TargetDependencyConfig } from '@nx/devkit';
import { type Agent, baseSource, bundleOutputs, declaredPaths, followsArchive, LAYOUT, layerSources } from './agent.ts';
import type { InferenceContext } from './inference-context.ts';
import {
  contentInput,
  fileInputs,
  gitInput,
  type Input,
  madeInputs,
  signingKeyInput,
  withoutCovered,
} from './inputs.ts';
import { projectName } from './project-name.ts';
import { sharedInputs, toolchainInputs } from './toolchain.ts';

/** The target that builds the image into `dist/image`. */
export function imageTarget(agent: Agent, context: InferenceContext): TargetConfiguration {
  const { name } = agent.manifest;
  return {
    executor: '@baton/nx:image',
    // An image that an engine built stays there: what could be restored is only the record of it.
    cache: !followsArchive(agent) && agent.manifest.image?.driver !== 'docker',
    dependsOn: dependencies(agent, context),
    inputs: imageInputs(agent, context),
    // These and nothing above them: restoring a folder deletes what else lies in it, such as other statements. The last
    // one is there when statements are signed.
    outputs: [
      `{projectRoot}/${LAYOUT}`,
      '{projectRoot}/dist/evidence/image.json',
      '{projectRoot}/dist/evidence/image.dsse.json',
    ],
    options: {},
    metadata: {
      technologies: ['baton', 'oci'],
      description: `Build the image of ${name} for ${platforms(agent)}`,
      help: {
        command: `npx nx run ${projectName(context.workspaceRoot, agent)}:${context.names.image} --help`,
        example: { options: { locked: true }, args: ['--release=1.2.3'] },
      },
    },
  };
}

/**
 * The target that prints what `image` would do. A target of its own and never cached: the outputs of a cached dry run
 * would be restored later in place of an image.
 */
export function imagePlanTarget(agent: Agent, context: InferenceContext): TargetConfiguration {
  const { name } = agent.manifest;
  return {
    executor: '@baton/nx:image-plan',
    cache: false,
    dependsOn: dependencies(agent, context),
    options: {},
    metadata: {
      technologies: ['baton', 'oci'],
      description: `Print what building the image of ${name} would do`,
      help: {
        command: `npx nx run ${projectName(context.workspaceRoot, agent)}:${context.names.imagePlan} --help`,
        example: { args: ['--release=1.2.3'] },
      },
    },
  };
}

function dependencies(agent: Agent, context: InferenceContext): (string | TargetDependencyConfig)[] {
  const own = agent.manifest.bundle === undefined ? [] : [context.names.bundle];
  const others = new Map<string, TargetDependencyConfig>();
  for (const { maker } of sources(agent, context)) {
    if (maker === undefined || maker.agent.root === agent.root) continue;
    const target = context.names[maker.target];
    const project = maker.agent.manifest.name;
    others.set(`${project}:${target}`, { projects: [project], target });
  }
  return [...own, ...others.values()];
}

function imageInputs(agent: Agent, context: InferenceContext): Input[] {
  const unmade = layerSources(agent, context.agents).flatMap(({ at, maker }) => (maker === undefined ? at : []));
  const base = baseSource(agent, context.agents);
  const made = layerSources(agent, context.agents).flatMap(({ at, maker }) => (maker === undefined ? [] : at));
  // The digests in the base's index name all that the base is; its blobs need not be read.
  const baseIndex = base === undefined ? [] : [posix.join(base.at, 'index.json')];
  // A private key is seldom tracked by git.
  const key = agent.manifest.evidence.key === undefined ? [] : [posix.join(agent.root, agent.manifest.evidence.key)];
  return [
    '{projectRoot}/agent.yaml',
    '{projectRoot}/image.lock.json',
    ...fileInputs(agent.root, unmade),
    ...contentInput([...new Set([...unmade, ...key, ...(base?.maker === undefined ? baseIndex : [])])]),
    ...madeInputs([...new Set([...bundleOutputs(agent), ...made])]),
    ...(base?.maker === undefined ? [] : baseIndex.map((path) => ({ dependentTasksOutputFiles: path }))),
    gitInput(withoutCovered(declaredPaths(agent))),
    { env: 'SOURCE_DATE_EPOCH' },
    signingKeyInput(),
    // Not that it changes the image: a dry run must reach the executor, which refuses it, and not be a cache hit.
    { env: 'NX_DRY_RUN' },
    ...sharedInputs(context.nxJson),
    ...toolchainInputs(context.workspaceRoot, context.nxJson),
  ];
}

function sources(agent: Agent, context: InferenceContext): ReturnType<typeof layerSources> {
  const base = baseSource(agent, context.agents);
  return [...layerSources(agent, context.agents), ...(base === undefined ? [] : [base])];
}

function platforms(agent: Agent): string {
  return (agent.manifest.image?.platforms ?? []).join(' and ');
}
