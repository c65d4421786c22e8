import type { CreateDependenciesContext, DependencyType, RawProjectGraphDependency } from '@nx/devkit';
import { type Agent, type Agents, baseSource, bundleInputs, layerSources, subjectSources } from './agent.ts';
import { isWithin } from './workspace-path.ts';

// Written out, so that the devkit is needed for its types only.
const STATIC = 'static' as DependencyType.static;

/**
 * The edges of the project graph that manifests imply: an agent depends on each project that holds something its
 * bundle, its layers or its base are made of. `nx affected` follows them.
 */
export function agentDependencies(
  agents: Agents,
  projects: CreateDependenciesContext['projects'],
): RawProjectGraphDependency[] {
  const names = new Map(Object.entries(projects).map(([name, { root }]) => [root, name]));
  const found: RawProjectGraphDependency[] = [];
  for (const agent of agents.values()) {
    const source = names.get(agent.root);
    if (source === undefined) continue;
    const targets = new Set(paths(agent, agents).flatMap((path) => holder(path, names) ?? []));
    targets.delete(source);
    for (const target of targets) found.push({ source, target, sourceFile: agent.file, type: STATIC });
  }
  return found;
}

function paths(agent: Agent, agents: Agents): string[] {
  const base = baseSource(agent, agents);
  return [
    ...bundleInputs(agent),
    ...layerSources(agent, agents).map(({ at }) => at),
    ...subjectSources(agent, agents).map(({ at }) => at),
    ...(base === undefined ? [] : [base.at]),
  ];
}

// The deepest project root above the path.
function holder(path: string, names: ReadonlyMap<string, string>): string | undefined {
  let best: string | undefined;
  for (const root of names.keys()) {
    if (isWithin(root, path) && (best === undefined || root.length > best.length || best === '.')) best = root;
  }
  return best === undefined ? undefined : names.get(best);
}
