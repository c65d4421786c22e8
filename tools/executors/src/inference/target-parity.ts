import { posix } from 'node:path';
import type { ParitySection } from '@baton/manifest';
import type { TargetConfiguration, TargetDependencyConfig } from '@nx/devkit';
import { type Agent, LAYOUT, subjectSources } from './agent.ts';
import type { InferenceContext } from './inference-context.ts';
import { contentInput, fileInputs, type Input, madeInputs, signingKeyInput } from './inputs.ts';
import { projectName } from './project-name.ts';
import { sharedInputs, toolchainInputs } from './toolchain.ts';
import { workspacePath } from './workspace-path.ts';

/** The target that compares OLD and NEW. It has the machine to itself: subjects are watched while they run. */
export function parityTarget(agent: Agent, section: ParitySection, context: InferenceContext): TargetConfiguration {
  const { name } = agent.manifest;
  return {
    executor: '@baton/nx:parity',
    cache: true,
    parallelism: false,
    dependsOn: dependencies(agent, context),
    inputs: parityInputs(agent, section, context),
    outputs: [
      '{projectRoot}/dist/parity',
      '{projectRoot}/dist/evidence/parity.json',
      '{projectRoot}/dist/evidence/parity.dsse.json',
    ],
    options: {},
    metadata: {
      technologies: ['baton', 'parity'],
      description: `Compare ${name} with what it replaces, scenario by scenario, byte for byte`,
      help: {
        command: `npx nx run ${projectName(context.workspaceRoot, agent)}:${context.names.parity} --help`,
        example: { options: { concurrency: 8 }, args: ['--only=stream/', '--shard=1/4'] },
      },
    },
  };
}

function dependencies(agent: Agent, context: InferenceContext): (string | TargetDependencyConfig)[] {
  const all = new Map<string, string | TargetDependencyConfig>();
  for (const { maker } of subjectSources(agent, context.agents)) {
    if (maker === undefined) continue;
    const target = context.names[maker.target];
    const project = maker.agent.manifest.name;
    all.set(`${project}:${target}`, maker.agent.root === agent.root ? target : { projects: [project], target });
  }
  return [...all.values()];
}

function parityInputs(agent: Agent, section: ParitySection, context: InferenceContext): Input[] {
  const scenarios = workspacePath(agent.root, section.scenarios);
  const goldens = workspacePath(agent.root, section.goldens);
  const sources = subjectSources(agent, context.agents);
  // The digests in an index name all that an image is.
  const watched = (at: string): string =>
    posix.basename(at) === 'image' && at.endsWith(LAYOUT) ? `${at}/index.json` : at;
  const unmade = sources.filter(({ maker }) => maker === undefined).map(({ at }) => watched(at));
  const images = sources.filter(({ maker }) => maker?.target === 'image').map(({ at }) => watched(at));
  const bundles = sources.filter(({ maker }) => maker?.target === 'bundle').map(({ at }) => at);
  const key = agent.manifest.evidence.key === undefined ? [] : [posix.join(agent.root, agent.manifest.evidence.key)];
  return [
    '{projectRoot}/agent.yaml',
    ...fileInputs(agent.root, [scenarios, goldens, posix.join(posix.dirname(goldens), 'costs.json')]),
    ...fileInputs(agent.root, unmade),
    ...contentInput([...new Set([...unmade, ...key])]),
    ...images.map((path) => ({ dependentTasksOutputFiles: path })),
    ...madeInputs(bundles),
    signingKeyInput(),
    // Declared divergences end on a day, and programs are of one architecture.
    { runtime: 'date -u +%F' },
    { runtime: 'uname -sm' },
    { env: 'NX_DRY_RUN' },
    ...sharedInputs(context.nxJson),
    ...toolchainInputs(context.workspaceRoot, context.nxJson),
  ];
}
