import { formatBytes, shortDigest } from '@baton/kernel';
import { type TreeNode, tree } from '@baton/report';
import { foreignText, quotedText } from './attest/foreign-text.ts';
import { attachedNodes, signatureNodes } from './attest/report-attached.ts';
import { reportEngineInspection } from './docker/report-docker.ts';
import type { ExportResult, InspectedPlatform, Inspection } from './types.ts';

/** What an image is made of, as a tree for a terminal. */
export function reportInspection(inspection: Inspection): string {
  if (inspection.kind === 'engine') return reportEngineInspection(inspection);
  const statements = inspection.statements.map(
    ({ capability, result, digest, signature, about }): TreeNode => ({
      label: `statement ${capability}: ${result} ${shortDigest(digest)} (${signature})${
        about.includes(inspection.index.digest) ? '' : ' about another image'
      }`,
    }),
  );
  return tree({
    label: `${foreignText(inspection.image)} ${inspection.index.digest}`,
    children: [
      ...pairs(inspection.annotations),
      ...inspection.platforms.map((platform) => platformNode(platform, inspection.attached)),
      ...statements,
      ...attachedNodes(inspection.attached, 'index'),
      ...(inspection.moreAttached === 0 ? [] : [{ label: `and ${inspection.moreAttached} more attached, not read` }]),
      ...(inspection.signatures === undefined ? [] : signatureNodes(inspection.signatures)),
    ],
  });
}

function platformNode(platform: InspectedPlatform, attached: Inspection['attached']): TreeNode {
  const { runtime } = platform;
  const settings = [
    `config ${shortDigest(platform.config.digest)}${platform.created === undefined ? '' : `, created ${foreignText(platform.created)}`}`,
    runtime.Entrypoint === undefined ? undefined : `entrypoint ${list(runtime.Entrypoint)}`,
    runtime.Cmd === undefined ? undefined : `cmd ${list(runtime.Cmd)}`,
    runtime.User === undefined ? undefined : `user ${foreignText(runtime.User)}`,
    runtime.WorkingDir === undefined ? undefined : `workdir ${foreignText(runtime.WorkingDir)}`,
    ...(runtime.Env ?? []).map((entry) => `env ${foreignText(entry)}`),
    ...Object.keys(runtime.Volumes ?? {}).map((path) => `volume ${foreignText(path)}`),
  ].filter((line) => line !== undefined);
  return {
    label: `${foreignText(platform.platform)} ${shortDigest(platform.manifest.digest)}`,
    children: [
      ...settings.map((label) => ({ label })),
      ...pairs(runtime.Labels ?? {}, 'label '),
      ...platform.layers.map(({ descriptor, createdBy, here }) => ({
        label: `layer ${shortDigest(descriptor.digest)} ${formatBytes(descriptor.size)}${
          createdBy === undefined ? '' : ` ${foreignText(createdBy)}`
        }${here ? '' : ' (in the base)'}`,
      })),
      ...attachedNodes(attached, platform.platform),
    ],
  };
}

function list(items: readonly string[]): string {
  return `[${items.map(quotedText).join(',')}]`;
}

function pairs(values: Record<string, string>, prefix = ''): TreeNode[] {
  return Object.entries(values).map(([name, value]) => ({
    label: `${prefix}${foreignText(name)}: ${foreignText(value)}`,
  }));
}

/** Where an export went, for a terminal. */
export function reportExport({ to, format, index, platform, names, fetched }: ExportResult): string {
  const what = platform === undefined ? format : `${format} of ${platform}`;
  const base = fetched === 0 ? '' : `, ${formatBytes(fetched)} of it from the base`;
  const called = names === undefined ? '' : `, as ${names.join(', ')}`;
  return `exported ${what} of ${shortDigest(index.digest)} to ${to}${called}${base}`;
}
