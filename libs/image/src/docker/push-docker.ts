import type { Engine, EngineAuth } from '@baton/engine';
import { BatonError, type Digest, sha256, shortDigest } from '@baton/kernel';
import {
  type Descriptor,
  encodeDocument,
  isManifestType,
  MEDIA_TYPES,
  parsePlatform,
  type RegistryClient,
} from '@baton/oci';
import type { PublishTarget } from '../registries.ts';
import { isWriteOnce, type RenderedTag, tagConflict } from '../tags.ts';
import type { ImageIo, PlannedTag, PublishResult } from '../types.ts';
import type { EngineMade, EngineRecord } from './engine-record.ts';
import { type Found, holds } from './find-published.ts';
import { platformSuffix } from './resolve-docker.ts';

/** What a push needs. */
export interface Pushing {
  engine: Engine;
  client: RegistryClient;
  target: PublishTarget;
  auth: EngineAuth | undefined;
  record: EngineRecord;
  /** Annotations for the index of several platforms. */
  annotations: Record<string, string>;
}

/** What is in the registry now. */
export interface Pushed {
  top: Found;
  /** The tag that the engine wrote, where it wrote one of those asked for. */
  written: string | undefined;
  manifests: number;
}

/**
 * Pushes by the engine and proves what arrived.
 *
 * One platform: under `tag` itself. Several: each under `<tag>-<arch>`, and their index by digest. What the registry has
 * then must be the image that was built, by its ID: `DIGEST_MISMATCH` otherwise, and no further tag is written.
 */
export async function pushByEngine(pushing: Pushing, tag: string, io: ImageIo): Promise<Pushed> {
  const { record, client, target, annotations } = pushing;
  const [only, ...more] = record.platforms;
  if (only !== undefined && more.length === 0) {
    return { top: await pushOne(pushing, only, tag, io), written: tag, manifests: 1 };
  }
  const children: Found[] = [];
  for (const made of record.platforms)
    children.push(await pushOne(pushing, made, `${tag}-${platformSuffix(made.platform)}`, io));
  const manifests = children.map(({ descriptor }, i) => ({
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: descriptor.size,
    platform: parsePlatform(record.platforms[i]?.platform ?? ''),
  }));
  // An index of Docker's manifests is Docker's own list: some readers take no mixture. It has no annotations.
  const isDocker = manifests.every(({ mediaType }) => mediaType === MEDIA_TYPES.dockerManifest);
  const mediaType = isDocker ? MEDIA_TYPES.dockerIndex : MEDIA_TYPES.index;
  const notes = isDocker || Object.keys(annotations).length === 0 ? {} : { annotations };
  const bytes = encodeDocument({ schemaVersion: 2, mediaType, manifests, ...notes });
  const descriptor: Descriptor = { mediaType, digest: sha256(bytes), size: bytes.byteLength };
  await client.putManifest(target.repository, descriptor.digest, bytes, mediaType);
  io.emit({ type: 'manifest.put', id: descriptor.digest, label: `index ${shortDigest(descriptor.digest)}` });
  return { top: { descriptor, bytes }, written: undefined, manifests: children.length + 1 };
}

/** Writes an image under the tags that it lacks: those that are written once first. */
export async function putTags(
  { client, target }: Pick<Pushing, 'client' | 'target'>,
  { top, written }: Pick<Pushed, 'top' | 'written'>,
  tags: readonly RenderedTag[],
  planned: readonly PlannedTag[],
  io: ImageIo,
): Promise<PublishResult['tags']> {
  const { repository } = target;
  const { descriptor, bytes } = top;
  const states = new Map<string, PublishResult['tags'][number]['state']>();
  const put = async (tag: RenderedTag): Promise<void> => {
    const action = planned.find((each) => each.tag === tag.tag)?.action;
    const label = `${target.registry}/${repository}:${tag.tag}`;
    if (action === 'present') {
      io.emit({ type: 'tag.put', label, detail: 'already there', data: { tag: tag.tag, state: 'present' } });
      states.set(tag.tag, 'present');
      return;
    }
    if (tag.tag !== written) {
      if (isWriteOnce(tag)) await demand(tag, label, true);
      await client.putManifest(repository, tag.tag, bytes, descriptor.mediaType);
    }
    // Two publishers on two machines can both have found the tag free; the later one is seen here.
    if (isWriteOnce(tag)) await demand(tag, label, false);
    const state = action === 'move' ? 'moved' : 'created';
    io.emit({ type: 'tag.put', label, detail: state, data: { tag: tag.tag, state, digest: descriptor.digest } });
    states.set(tag.tag, state);
  };
  const demand = async (tag: RenderedTag, label: string, mayBeFree: boolean): Promise<void> => {
    const found = (await client.headManifest(repository, tag.tag))?.digest;
    if (found === descriptor.digest || (mayBeFree && found === undefined)) return;
    throw tagConflict(label, found ?? descriptor.digest, descriptor.digest);
  };
  const wanted = tags.filter(({ tag }) => planned.some((each) => each.tag === tag && each.action !== 'keep'));
  for (const group of [wanted.filter(isWriteOnce), wanted.filter((tag) => !isWriteOnce(tag))])
    await Promise.all(group.map(put));
  return wanted.map(({ tag }) => ({ tag, state: states.get(tag) ?? 'present' }));
}

async function pushOne(
  { engine, client, target, auth, record }: Pushing,
  { image, platform }: EngineMade,
  tag: string,
  io: ImageIo,
): Promise<Found> {
  const reference = `${target.registry}/${target.repository}:${tag}`;
  await engine.tag(image, reference);
  const { digest } = await engine.push(reference, { emit: io.emit, signal: io.signal, auth });
  const found = await client.getManifest(target.repository, digest);
  if (!isManifestType(found.descriptor.mediaType)) {
    throw new BatonError(
      'DRIVER_UNSUPPORTED',
      `the engine at ${record.address} pushed ${found.descriptor.mediaType} for ${platform}, expected the manifest of one image`,
      {
        hint: 'Its image store adds more than the image; build attestations off, or publish with the driver embedded.',
      },
    );
  }
  if (!holds(found.descriptor, found.bytes, image)) throw mismatch(reference, digest, image);
  return found;
}

function mismatch(reference: string, digest: Digest, image: Digest): BatonError {
  return new BatonError(
    'DIGEST_MISMATCH',
    `${reference} arrived as ${digest}, which is not an image with the ID ${image} that was built`,
    {
      hint: 'Something else was pushed, or the registry changes what it is given. Do not use that tag; publish again.',
      details: { reference, digest, image },
    },
  );
}
