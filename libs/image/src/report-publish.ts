import { formatBytes, plural, shortDigest } from '@baton/kernel';
import { table } from '@baton/report';
import type { PublishPlan, PublishResult } from './types.ts';

/** A publish plan for a terminal: what will be sent, linked, tagged, and why a tag stays where it is. */
export function reportPublishPlan(plan: PublishPlan): string {
  const sent = plan.blobs.filter((blob) => blob.action === 'upload');
  const facts = [
    ['publish', `${plan.index.digest}`],
    ['to', plan.repository],
    ['version', plan.version ?? 'none'],
    ['revision', plan.revision ?? 'none'],
    [
      'evidence',
      plan.evidence === undefined
        ? `accepted without proof: ${plan.acceptedUnproven ?? ''}`
        : `${shortDigest(plan.evidence.digest)} (${plan.evidence.signature})`,
    ],
  ];
  const blobs = plan.blobs.map(({ action, title, digest, size, from }) => [
    action,
    title,
    shortDigest(digest),
    formatBytes(size),
    action === 'present' ? '' : `from ${from ?? 'nowhere'}`,
  ]);
  const manifests = plan.manifests.map(({ action, platform, digest, size }) => [
    action,
    `manifest ${platform}`,
    shortDigest(digest),
    formatBytes(size),
  ]);
  const index = [plan.indexAction, 'index', shortDigest(plan.index.digest), formatBytes(plan.index.size)];
  const attached = plan.attachments.map(({ action, kind, of, subject }) => [
    action,
    kind === 'signature' ? `signature on the ${of}` : `${kind} of ${of}`,
    shortDigest(subject),
    kind === 'signature' ? '' : signedBy(plan.signingKey),
  ]);
  const tags = plan.tags.map(({ action, tag, reason, current }) => [
    action,
    `tag ${tag}`,
    current === undefined ? '' : shortDigest(current),
    reason ?? '',
  ]);
  const bytes = sent.reduce((sum, blob) => sum + blob.size, 0);
  const total = plan.unchanged
    ? 'already published: nothing to do'
    : `${plural(sent.length, 'blob')} to send, ${formatBytes(bytes)}`;
  return [
    table(facts),
    table([...blobs, ...manifests, index, ...attached, ...tags]),
    ...plan.notes.map((note) => `note: ${note}`),
    total,
  ].join('\n');
}

function signedBy(keyId: string | undefined): string {
  return keyId === undefined ? 'unsigned' : `signed by key ${keyId.slice(0, 16)}`;
}

function attachedText(attached: PublishResult['attached']): string {
  const counts = new Map<string, number>();
  for (const { kind } of attached) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = [...counts].map(([kind, count]) => (count === 1 ? kind : `${count} ${kind}`));
  const fresh = attached.filter(({ state }) => state === 'attached').length;
  const state = fresh === attached.length ? '' : fresh === 0 ? ', already there' : `, ${fresh} of them new`;
  return `${kinds.join(', ')} (${signedBy(attached[0]?.keyId)})${state}`;
}

/** What a publish did, for a terminal. */
export function reportPublish(result: PublishResult): string {
  const { uploads } = result;
  const sent = [
    `${plural(uploads.blobs, 'blob')} sent (${formatBytes(uploads.bytes)})`,
    `${uploads.mounted} linked`,
    `${uploads.present} already there`,
  ];
  return [
    result.unchanged ? `already published ${result.reference}` : `published ${result.reference}`,
    table([
      ...result.tags.map(({ tag, state }) => [state, `${result.repository}:${tag}`]),
      ...(result.unchanged ? [] : [['blobs', sent.join(', ')]]),
      ...(result.attached.length === 0 ? [] : [['attached', attachedText(result.attached)]]),
      ['statement', result.statement],
    ]),
  ].join('\n');
}
