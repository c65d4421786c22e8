import { BatonError, type Digest } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import { type Descriptor, formatPlatform, type RegistryClient } from '@baton/oci';
import pLimit from 'p-limit';
import type { Attachments } from './attest/plan-attachments.ts';
import type { Look } from './attest/put-attachments.ts';
import { type BaseBlobs, baseBlobs } from './base-blobs.ts';
import { driverOf } from './docker/driver.ts';
import { imageSection } from './image-section.ts';
import type { ImagePublishOptions } from './options.ts';
import { type ProjectGit, projectGit } from './project-git.ts';
import { type PublishFacts, publishFacts } from './publish-facts.ts';
import { publishTarget } from './publish-target.ts';
import { type PublishTarget, type Registries, targetRegistries } from './registries.ts';
import { isSurelyNew, type Seen } from './seen.ts';
import { isWriteOnce, tagConflict, versionsAmong, whyKept } from './tags.ts';
import type { ImageIo, PlannedAttachment, PlannedBlob, PlannedTag, PublishPlan } from './types.ts';

/** Requests that one publish has under way. */
const AT_ONCE = 8;

/** A plan with what applying it needs besides: bytes, and the registry. */
export interface ResolvedPublish {
  plan: PublishPlan;
  facts: PublishFacts;
  client: RegistryClient;
  base: BaseBlobs | undefined;
  /** What is attached to the image; undefined where nothing is. */
  attachments: Attachments | undefined;
  /** What of it is there; undefined for an image that is not. */
  look: Look | undefined;
}

/** What `image publish` would do now, as plain data. The registry is only read. Errors: as {@link resolvePublish}. */
export async function planPublish(
  project: LoadedManifest,
  options: Omit<ImagePublishOptions, 'path'>,
  io: ImageIo,
): Promise<PublishPlan> {
  const target = publishTarget(project, imageSection(project), options);
  if (driverOf(project, options) === 'docker') {
    const { planEnginePublish } = await import('./docker/publish-docker.ts');
    return await planEnginePublish(project, target, options, io);
  }
  const registries = targetRegistries(target, io);
  try {
    return (await resolvePublish(project, target, projectGit(project, io), options, io, registries)).plan;
  } finally {
    registries.close();
  }
}

/**
 * Asks the registry what is there and decides what to do. All questions go out at once.
 *
 * Errors: those of {@link publishFacts}, `TAG_CONFLICT` (a tag that is written once has another digest), and what the
 * registry answers.
 */
export async function resolvePublish(
  project: LoadedManifest,
  target: PublishTarget,
  git: ProjectGit,
  options: Omit<ImagePublishOptions, 'path'>,
  io: ImageIo,
  registries: Registries,
  seen: Seen = { blobs: new Map() },
): Promise<ResolvedPublish> {
  const section = imageSection(project);
  const facts = await publishFacts(project, section, target, git, options, io);
  const { image, tags, version } = facts;
  const { registry, repository } = target;
  const client = registries.connect(registry);
  const index = image.index.descriptor;
  const limit = pLimit(AT_ONCE);
  const floats = tags.some((tag) => tag.kind === 'line' || tag.kind === 'latest');
  const base = await baseBlobs(project, section.base, registry, registries);
  const attachments =
    section.attest.length === 0
      ? undefined
      : await import('./attest/plan-attachments.ts').then((attest) =>
          attest.planAttachments(project, section, facts, base, io),
        );
  // Their bytes are made while the registry is asked.
  const making = attachments?.make();
  const [indexThere, tagsThere, existing, blobs] = await Promise.all([
    limit(() => client.headManifest(repository, index.digest)),
    Promise.all(tags.map(({ tag }) => limit(() => client.headManifest(repository, tag)))),
    floats ? limit(() => allTags(client, repository)) : [],
    Promise.all(neededBlobs(facts).map((need) => limit(() => planBlob(need, facts, client, base, seen)))),
  ]);
  const here = indexThere?.digest === index.digest;
  const versions = versionsAmong(existing, facts.templates);
  const planned = tags.map((tag, i): PlannedTag => {
    const current = tagsThere[i]?.digest;
    const common = { tag: tag.tag, kind: tag.kind, current };
    if (current === index.digest) return { ...common, action: 'present' };
    if (current !== undefined && isWriteOnce(tag))
      throw tagConflict(`${registry}/${repository}:${tag.tag}`, current, index.digest);
    const reason = whyKept(tag, version?.version, versions);
    if (reason !== undefined) return { ...common, action: 'keep', reason };
    return { ...common, action: current === undefined ? 'create' : 'move' };
  });
  let look: Look | undefined;
  if (here && attachments !== undefined && making !== undefined) {
    const { lookAttachments } = await import('./attest/put-attachments.ts');
    look = await lookAttachments(await making, attachments.signer, { client, repository });
  }
  const attached = plannedAttachments(attachments, look);
  const settled = planned.every((tag) => tag.action === 'present' || tag.action === 'keep');
  const plan: PublishPlan = {
    project: project.manifest.name,
    repository: `${registry}/${repository}`,
    index,
    version: version?.version.version,
    revision: facts.revision,
    tags: planned,
    manifests: image.platforms.map(({ platform, descriptor }) => ({
      platform: formatPlatform(platform),
      digest: descriptor.digest,
      size: descriptor.size,
      action: here ? 'present' : 'put',
    })),
    indexAction: here ? 'present' : 'put',
    // A registry takes an index only when everything below it is there.
    blobs: here ? blobs.map((blob) => ({ ...blob, action: 'present' })) : blobs,
    evidence: facts.evidence,
    acceptedUnproven: facts.evidence === undefined ? options.acceptUnproven : undefined,
    attachments: attached,
    signingKey: attachments?.signer?.keyId,
    unchanged: here && settled && attached.every(({ action }) => action === 'present') && isWhole(look),
    notes: [...facts.notes, ...(attachments?.notes ?? [])],
  };
  return { plan, facts, client, base, attachments, look };
}

function plannedAttachments(attachments: Attachments | undefined, look: Look | undefined): PlannedAttachment[] {
  const present = new Set([...(look?.present.keys() ?? [])].map(({ kind, subject }) => `${kind} ${subject.digest}`));
  return (attachments?.wanted ?? []).map(({ kind, of, subject }) => ({
    kind,
    of,
    subject: subject.digest,
    action: present.has(`${kind} ${subject.digest}`) ? 'present' : 'attach',
  }));
}

/** Whether cosign finds everything as well. */
function isWhole(look: Look | undefined): boolean {
  return [...(look?.cosign.values() ?? [])].every((lacking) => lacking.length === 0);
}

/** A blob that the image consists of, once. */
interface NeededBlob {
  title: string;
  descriptor: Descriptor;
}

function neededBlobs(facts: PublishFacts): NeededBlob[] {
  const needed = new Map<Digest, NeededBlob>();
  for (const { platform, manifest } of facts.image.platforms) {
    const of = `of ${formatPlatform(platform)}`;
    needed.set(manifest.config.digest, { title: `config ${of}`, descriptor: manifest.config });
    for (const [i, layer] of manifest.layers.entries()) {
      if (!needed.has(layer.digest)) needed.set(layer.digest, { title: `layer ${i + 1} ${of}`, descriptor: layer });
    }
  }
  return [...needed.values()];
}

async function planBlob(
  { title, descriptor }: NeededBlob,
  { store, target }: PublishFacts,
  client: RegistryClient,
  base: BaseBlobs | undefined,
  seen: Seen,
): Promise<PlannedBlob> {
  const { digest, size } = descriptor;
  const own = await store.has(digest, size);
  const from = own ? 'dist/image' : base?.title;
  const blob = { title, digest, size, from };
  const there = isSurelyNew(seen, digest, size)
    ? undefined
    : await (seen.blobs.get(digest) ?? client.headBlob(target.repository, digest));
  if (there === size) return { ...blob, action: 'present' };
  if (!own && base?.mountFrom !== undefined) return { ...blob, action: 'mount', from: base.mountFrom };
  return { ...blob, action: 'upload' };
}

async function allTags(client: RegistryClient, repository: string): Promise<string[]> {
  return await client.listTags(repository).catch((error: unknown) => {
    // A repository comes into being with its first blob.
    if (error instanceof BatonError && error.code === 'IMAGE_NOT_FOUND') return [];
    throw error;
  });
}
