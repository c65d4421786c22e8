import { posix } from 'node:path';
import type { AgentManifest, LayerSection } from '@baton/manifest';
import { isWithin, workspacePath } from './workspace-path.ts';

/** One `agent.yaml` of the workspace, as inference sees it. */
export interface Agent {
  /** The manifest's file, relative to the workspace root. */
  file: string;
  /** Its folder, which is the project's root. */
  root: string;
  manifest: AgentManifest;
}

/** Every agent of the workspace by its root. */
export type Agents = ReadonlyMap<string, Agent>;

/** Where `image` writes, relative to the project's root (design, "outputs have fixed homes"). */
export const LAYOUT = 'dist/image';

/** A path that goes into an image, and who makes it. */
export interface Source {
  /** As the manifest has it. */
  path: string;
  /** Relative to the workspace root. */
  at: string;
  /** The agent whose target makes it, when one does. */
  maker: { agent: Agent; target: 'bundle' | 'image' } | undefined;
}

/** The files that the layers of an image are made of, in the manifest's order. */
export function layerSources(agent: Agent, agents: Agents): Source[] {
  const layers: readonly LayerSection[] = agent.manifest.image?.layers ?? [];
  return layers.flatMap((layer) => filesOf(layer) ?? []).map((path) => sourceAt(agent, agents, path));
}

/** The layout that the image is built on, when the manifest names one. */
export function baseSource(agent: Agent, agents: Agents): Source | undefined {
  const base = agent.manifest.image?.base;
  return typeof base === 'object' && 'layout' in base ? sourceAt(agent, agents, base.layout) : undefined;
}

/** The files that OLD and NEW of the section `parity` are: layouts, programs, mounts. What the machine has is not among them. */
export function subjectSources(agent: Agent, agents: Agents): Source[] {
  const { parity } = agent.manifest;
  const paths = [parity?.old, parity?.new].flatMap((subject) => [
    ...(subject?.image === undefined || subject.image.includes('@') ? [] : [subject.image]),
    ...(subject?.command ?? []).filter((word) => word.includes('/') && !word.startsWith('-')),
    ...(subject?.mounts ?? []).map(({ from }) => from),
  ]);
  return [...new Set(paths)].filter((path) => !posix.isAbsolute(path)).map((path) => sourceAt(agent, agents, path));
}

/** What the bundle is made from: workspace paths. */
export function bundleInputs(agent: Agent): string[] {
  const bundle = agent.manifest.bundle;
  if (bundle === undefined) return [];
  const inputs = (bundle.inputs ?? ['.']).map((path) => workspacePath(agent.root, path));
  // `node ../../tools/bundle.mjs`: the program is as much an input as what it reads.
  const programs = bundle.command
    .filter((word) => word.includes('/') && !word.startsWith('-') && !posix.isAbsolute(word) && !word.includes('://'))
    .map((word) => workspacePath(agent.root, word))
    .filter((path) => !madeBy(agent, path));
  return [...new Set([...inputs, ...programs])];
}

/** What the manifest declares as the agent's own: libs/image asks git about the same paths for the revision label. */
export function declaredPaths(agent: Agent): string[] {
  const { bundle, image } = agent.manifest;
  const layers: readonly LayerSection[] = image?.layers ?? [];
  const named = [...(bundle?.inputs ?? []), ...layers.flatMap((layer) => filesOf(layer) ?? [])];
  return [agent.root, ...named.map((path) => workspacePath(agent.root, path))];
}

/** What the bundle command makes: workspace paths. */
export function bundleOutputs(agent: Agent): string[] {
  return (agent.manifest.bundle?.outputs ?? []).map((path) => workspacePath(agent.root, path));
}

/** Whether a layer is assembled from whatever the host's archive has today: then equal inputs do not mean equal bytes. */
export function followsArchive(agent: Agent): boolean {
  const layers: readonly LayerSection[] = agent.manifest.image?.layers ?? [];
  return layers.some((layer) => 'debian' in layer && layer.resolve === 'current');
}

function filesOf(layer: LayerSection): string | undefined {
  return 'npm' in layer || 'debian' in layer ? undefined : layer.from;
}

function sourceAt(agent: Agent, agents: Agents, path: string): Source {
  const at = workspacePath(agent.root, path);
  return { path, at, maker: makerOf(agents, at) };
}

function makerOf(agents: Agents, path: string): Source['maker'] {
  for (const agent of agents.values()) {
    if (madeBy(agent, path)) return { agent, target: 'bundle' };
    if (agent.manifest.image !== undefined && path === posix.join(agent.root, LAYOUT))
      return { agent, target: 'image' };
  }
  return undefined;
}

function madeBy(agent: Agent, path: string): boolean {
  return bundleOutputs(agent).some((output) => isWithin(output, path));
}
