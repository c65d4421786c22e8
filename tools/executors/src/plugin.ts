import { BatonError } from '@baton/kernel';
// Types only: loading the devkit costs every call of Nx more than all that this plugin does.
import type { CreateDependencies, CreateNodes, CreateNodesResultArray } from '@nx/devkit';
import { agentDependencies } from './inference/dependencies.ts';
import { type PluginOptions, targetNames } from './inference/plugin-options.ts';
import { readAgents } from './inference/read-agents.ts';
import { agentProject } from './inference/targets.ts';

/** The plugin's name in Nx's messages. */
export const name = '@baton/nx';

/**
 * Infers a project with its targets from every `agent.yaml`: root is the file's folder, name is the manifest's.
 *
 * Reads each file once and starts no process. Errors reach Nx as one line each, naming the file.
 */
export const createNodes: CreateNodes<PluginOptions> = [
  '**/agent.yaml',
  async (files, options, { workspaceRoot, nxJsonConfiguration }) => {
    const names = plainly(() => targetNames(options));
    const { agents, errors } = readAgents(workspaceRoot, files);
    const context = { workspaceRoot, nxJson: nxJsonConfiguration, names, agents };
    const results: CreateNodesResultArray = [...agents.values()].map((agent) => [
      agent.file,
      { projects: { [agent.root]: agentProject(agent, context) } },
    ]);
    if (errors.length > 0) {
      const { AggregateCreateNodesError } = await import('@nx/devkit');
      throw new AggregateCreateNodesError(
        errors.map(([file, error]) => [file, withoutStack(error)]),
        results,
      );
    }
    return results;
  },
];

/** Adds to the project graph what manifests depend on: see {@link agentDependencies}. */
export const createDependencies: CreateDependencies<PluginOptions> = (
  _options,
  { workspaceRoot, projects, fileMap },
) => {
  const files = Object.values(projects).flatMap(({ root }) => (root === '.' ? 'agent.yaml' : `${root}/agent.yaml`));
  const known = new Set(Object.values(fileMap.projectFileMap).flatMap((list) => list.map(({ file }) => file)));
  const { agents } = readAgents(
    workspaceRoot,
    files.filter((file) => known.has(file)),
  );
  return agentDependencies(agents, projects);
};

function plainly<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof BatonError ? withoutStack(error) : error;
  }
}

// Nx prints the stack where there is one; a mistake in somebody's file is no fault of the code that found it.
function withoutStack(error: BatonError): Error {
  const plain = new Error(error.hint === undefined ? error.message : `${error.message}\n  hint: ${error.hint}`);
  plain.stack = plain.message;
  return plain;
}
