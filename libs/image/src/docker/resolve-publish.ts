import { subjectDigests } from '@baton/evidence';
import { BatonError } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import { type Descriptor, formatPlatform, MEDIA_TYPES, parsePlatform, type RegistryClient } from '@baton/oci';
import { imageSection } from '../image-section.ts';
import type { ImagePublishOptions } from '../options.ts';
import type { ProjectGit } from '../project-git.ts';
import { checkVersionOf, noTags, proofOf, versionOf } from '../publish-facts.ts';
import type { PublishTarget } from '../registries.ts';
import { isWriteOnce, type RenderedTag, renderTags, tagConflict, versionsAmong, whyKept } from '../tags.ts';
import type { ImageIo, PlannedTag, PublishPlan } from '../types.ts';
import { type EngineRecord, readRecord } from './engine-record.ts';
import type { Finder, Found } from './find-published.ts';

type Options = Omit<ImagePublishOptions, 'path'>;

/** A plan with what applying it needs besides. */
export interface ResolvedEnginePublish {
  plan: PublishPlan;
  record: EngineRecord;
  tags: RenderedTag[];
  /** The image as the repository has it already, under one of the tags. */
  there: Found | undefined;
  proof: Awaited<ReturnType<typeof proofOf>>;
}

/**
 * Asks the registry what is there and decides what to do. What the manifest will be is not known before the engine has
 * pushed it: engines compress layers as they send them. Errors: those of an embedded publish; `IMAGE_NOT_BUILT`.
 */
export async function resolveEnginePublish(
  project: LoadedManifest,
  target: PublishTarget,
  git: ProjectGit,
  options: Options,
  io: ImageIo,
  client: RegistryClient,
  finder: Finder,
): Promise<ResolvedEnginePublish> {
  const section = imageSection(project);
  const record = await readRecord(project);
  demandPlatforms(section.platforms, record);
  const { revision } = record;
  const [version, proof] = await Promise.all([
    versionOf(project, section, git, options, revision),
    provenImages(project, record, options, io),
  ]);
  const templates = options.tag ?? section.tags;
  const tags = renderTags(templates, { version: version?.version, revision, name: project.manifest.name });
  if (tags.length === 0) throw noTags(templates, version, revision);
  if (version !== undefined && tags.some(({ kind }) => kind !== 'name' && kind !== 'commit')) {
    checkVersionOf(version, record.version, revision);
  }
  const floats = tags.some(({ kind }) => kind === 'line' || kind === 'latest');
  const [found, existing] = await Promise.all([
    Promise.all(tags.map(({ tag }) => finder.get(tag))),
    floats ? allTags(client, target.repository) : [],
  ]);
  const ours = await Promise.all(
    found.map(async (each) => each !== undefined && (await finder.isThis(each, record.platforms))),
  );
  const versions = versionsAmong(existing, templates);
  const repository = `${target.registry}/${target.repository}`;
  const there = found.find((each, i) => each !== undefined && ours[i] === true);
  const index = there?.descriptor ?? heldDescriptor(record);
  const planned = tags.map((tag, i): PlannedTag => {
    const current = found[i]?.descriptor.digest;
    const common = { tag: tag.tag, kind: tag.kind, current };
    if (ours[i] === true && current === there?.descriptor.digest) return { ...common, action: 'present' };
    if (current !== undefined && ours[i] !== true && isWriteOnce(tag))
      throw tagConflict(`${repository}:${tag.tag}`, current, index.digest);
    const reason = whyKept(tag, version?.version, versions);
    if (reason !== undefined) return { ...common, action: 'keep', reason };
    // The same image under another manifest: a tag that is written once keeps its own.
    if (current !== undefined && isWriteOnce(tag)) return { ...common, action: 'present' };
    return { ...common, action: current === undefined ? 'create' : 'move' };
  });
  const settled = planned.every(({ action }) => action === 'present' || action === 'keep');
  const plan: PublishPlan = {
    project: project.manifest.name,
    repository,
    index,
    version: version?.version.version,
    revision,
    tags: planned,
    manifests: record.platforms.map(({ platform, image }) => ({
      platform,
      digest: image,
      size: 0,
      action: there === undefined && !settled ? 'put' : 'present',
    })),
    indexAction: there === undefined && !settled ? 'put' : 'present',
    blobs: [],
    evidence: proof.evidence,
    acceptedUnproven: proof.evidence === undefined ? options.acceptUnproven : undefined,
    attachments: [],
    unchanged: settled,
    notes: proof.notes,
  };
  return { plan, record, tags, there, proof };
}

// A version that lacks a platform would be missed by the first machine of that kind.
function demandPlatforms(listed: readonly string[], { platforms }: EngineRecord): void {
  const built = platforms.map(({ platform }) => platform);
  const lacking = listed.map((text) => formatPlatform(parsePlatform(text))).filter((text) => !built.includes(text));
  if (lacking.length === 0) return;
  throw new BatonError(
    'IMAGE_NOT_BUILT',
    `agent.yaml lists ${listed.join(', ')}, and the engine built ${built.join(', ')} alone`,
    { hint: 'Build all of them: baton image build --driver docker, without --platform.' },
  );
}

/** The image in the engine: by the ID of its first platform. */
function heldDescriptor(record: EngineRecord): Descriptor {
  const [first] = record.platforms;
  if (first === undefined) throw new TypeError('a record names at least one platform');
  return { mediaType: MEDIA_TYPES.dockerConfig, digest: first.image, size: 0 };
}

/** The statement of the build must be about every platform's image, and about no other. */
async function provenImages(project: LoadedManifest, record: EngineRecord, options: Options, io: ImageIo) {
  const proof = await proofOf(project, options, heldDescriptor(record).digest, io);
  if (proof.built === undefined) return proof;
  const about = new Set(subjectDigests(proof.built.statement));
  const images = new Set(record.platforms.map(({ image }) => image));
  if (about.size === images.size && [...images].every((image) => about.has(image))) return proof;
  throw new BatonError(
    'EVIDENCE_MISMATCH',
    `${proof.built.path}: expected a statement about ${[...images].join(', ')}, found one about ${[...about].join(', ')}`,
    { hint: 'Build the image again: baton image build' },
  );
}

async function allTags(client: RegistryClient, repository: string): Promise<string[]> {
  return await client.listTags(repository).catch((error: unknown) => {
    // A repository comes into being with its first blob.
    if (error instanceof BatonError && error.code === 'IMAGE_NOT_FOUND') return [];
    throw error;
  });
}
