import { formatBytes, shortDigest } from '@baton/kernel';
import { type TreeNode, tree } from '@baton/report';
import type { ExportResult, InspectedPlatform, Inspection } from './types.ts';

/** What an image is made of, as a tree for a terminal. */
export function reportInspection(inspection: Inspection): string {
  const statements = inspection.statements.map(
    ({ capability, result, digest, signature, about }): TreeNode => ({
      label: `statement ${capability}: ${result} ${shortDigest(digest)} (${signature})${
        about.includes(inspection.index.digest) ? '' : ' about another image'
      }`,
    }),
  );
  return tree({
    label: `${inspection.image} ${inspection.index.digest}`,
    children: [...pairs(inspection.annotations), ...inspection.platforms.map(platformNode), ...statements],
  });
}

function platformNode(platform: InspectedPlatform): TreeNode {
  const { runtime } = platform;
  const settings = [
    `config ${shortDigest(platform.config.digest)}${platform.created === undefined ? '' : `, created ${platform.created}`}`,
    runtime.Entrypoint === undefined ? undefined : `entrypoint ${JSON.stringify(runtime.Entrypoint)}`,
    runtime.Cmd === undefined ? undefined : `cmd ${JSON.stringify(runtime.Cmd)}`,
    runtime.User === undefined ? undefined : `user ${runtime.User}`,
    runtime.WorkingDir === undefined ? undefined : `workdir ${runtime.WorkingDir}`,
    ...(runtime.Env ?? []).map((entry) => `env ${entry}`),
    ...Object.keys(runtime.Volumes ?? {}).map((path) => `volume ${path}`),
  ].filter((line) => line !== undefined);
  return {
    label: `${platform.platform} ${shortDigest(platform.manifest.digest)}`,
    children: [
      ...settings.map((label) => ({ label })),
      ...pairs(runtime.Labels ?? {}, 'label '),
      ...platform.layers.map(({ descriptor, createdBy, here }) => ({
        label: `layer ${shortDigest(descriptor.digest)} ${formatBytes(descriptor.size)}${
          createdBy === undefined ? '' : ` ${createdBy}`
        }${here ? '' : ' (in the base)'}`,
      })),
    ],
  };
}

function pairs(values: Record<string, string>, prefix = ''): TreeNode[] {
  return Object.entries(values).map(([name, value]) => ({ label: `${prefix}${name}: ${value}` }));
}

/** Where an export went, for a terminal. */
export function reportExport({ to, format, index, platform, fetched }: ExportResult): string {
  const what = platform === undefined ? format : `${format} of ${platform}`;
  const base = fetched === 0 ? '' : `, ${formatBytes(fetched)} of it from the base`;
  return `exported ${what} of ${shortDigest(index.digest)} to ${to}${base}`;
}
