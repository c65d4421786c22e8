import { formatBytes, shortDigest } from '@baton/kernel';
import { type TreeNode, table, tree } from '@baton/report';
import { reportEngineBuild, reportEnginePlan } from './docker/report-docker.ts';
import type { BuildPlan, BuildResult, BuiltLayer, PlannedLayer } from './types.ts';

/** A build plan for a terminal: what will go into which platform, and what of it is at hand. */
export function reportBuildPlan(plan: BuildPlan): string {
  if (plan.engine !== undefined) return reportEnginePlan(plan, plan.engine);
  const facts = [
    ['base', plan.base],
    ['revision', plan.revision ?? 'not in git'],
    ['version', plan.version ?? 'none'],
    ...(plan.bundle === undefined ? [] : [['bundle', plan.bundle.join(' ')]]),
    ['publish', plan.repository === undefined ? 'no repository' : `${plan.repository} as ${plan.tags.join(', ')}`],
  ];
  const platforms = plan.platforms.map(
    (platform): TreeNode => ({
      label: platform.platform,
      children: [...platform.layers.map(plannedLayer), ...runtimeNodes(platform.config)],
    }),
  );
  const notes = plan.notes.map((note) => `note: ${note}`);
  return [table(facts), tree({ label: `image ${plan.name}`, children: platforms }), ...notes].join('\n');
}

function plannedLayer(layer: PlannedLayer): TreeNode {
  const size = layer.size === undefined ? '' : ` ${formatBytes(layer.size)}`;
  // The digest that "image build" shows; a layer that was never packed has none yet.
  const digest = layer.digest === undefined ? '' : ` ${shortDigest(layer.digest)}`;
  const state =
    layer.key === null
      ? 'after the bundle'
      : layer.origin === 'base'
        ? 'inherited'
        : layer.cached
          ? 'cached'
          : 'to be packed';
  return { label: `${layer.title}${digest}${size} (${state})` };
}

function runtimeNodes(config: BuildPlan['platforms'][number]['config']): TreeNode[] {
  const lines = [
    config.Entrypoint === undefined ? undefined : `entrypoint ${JSON.stringify(config.Entrypoint)}`,
    config.Cmd === undefined ? undefined : `cmd ${JSON.stringify(config.Cmd)}`,
    config.User === undefined ? undefined : `user ${config.User}`,
    config.WorkingDir === undefined ? undefined : `workdir ${config.WorkingDir}`,
    config.Env === undefined ? undefined : `env ${config.Env.map((entry) => entry.split('=')[0]).join(', ')}`,
    config.Volumes === undefined ? undefined : `volumes ${Object.keys(config.Volumes).join(', ')}`,
  ];
  return lines.filter((line) => line !== undefined).map((label) => ({ label }));
}

/** A built image for a terminal. */
export function reportBuild(result: BuildResult): string {
  if (result.engine !== undefined) return reportEngineBuild(result, result.engine);
  const platforms = result.platforms.map(
    ({ platform, manifest, layers }): TreeNode => ({
      label: `${platform} ${shortDigest(manifest.digest)}`,
      children: layers.map((layer) => ({ label: builtLayer(layer) })),
    }),
  );
  const built = result.unchanged ? 'unchanged' : 'built';
  return [
    tree({ label: `${built} ${result.index.digest}`, children: platforms }),
    table([
      ['layout', result.layout],
      ['statement', result.statement],
    ]),
  ].join('\n');
}

function builtLayer({ title, origin, digest, size, cached }: BuiltLayer): string {
  const state = origin === 'base' ? 'inherited' : cached ? 'cached' : 'packed';
  return `${title} ${shortDigest(digest)} ${formatBytes(size)} (${state})`;
}
