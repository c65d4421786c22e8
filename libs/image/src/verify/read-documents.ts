import { BatonError, formatBytes, plural, shortDigest } from '@baton/kernel';
import {
  type Descriptor,
  formatPlatform,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  isIndexType,
  isManifestType,
  MEDIA_TYPES,
  type Platform,
  parseImageConfig,
  parseManifest,
  parseManifestOrIndex,
  samePlatform,
} from '@baton/oci';
import type { Subject } from './subject.ts';
import type { ImageCheck } from './types.ts';

/** One platform whose documents were read and are what was promised. */
export interface ReadPlatform {
  platform: Platform;
  text: string;
  descriptor: Descriptor;
  manifest: ImageManifest;
  config: ImageConfig;
}

/** What the documents of an image say, as far as they can be read. */
export interface ReadImage {
  checks: ImageCheck[];
  /** Absent where the index itself could not be read. */
  index?: ImageIndex | undefined;
  /** Size and type of what the subject's digest names. */
  top?: { size: number; mediaType: string } | undefined;
  platforms: ReadPlatform[];
  /** Things listed beside the images: attestations, signatures. */
  others: Descriptor[];
}

/**
 * Reads index, manifests and configs by digest and holds them against what names them: digest, size, media type and
 * platform. What is wrong becomes a failed check; what cannot be reached is thrown.
 */
export async function readDocuments(subject: Subject): Promise<ReadImage> {
  const checks: ImageCheck[] = [];
  const nothing: ReadImage = { checks, platforms: [], others: [] };
  let bytes: Buffer;
  let document: ReturnType<typeof parseManifestOrIndex>;
  try {
    bytes = await subject.readDocument(subject.top);
    document = parseManifestOrIndex(bytes, shortDigest(subject.top.digest));
  } catch (error) {
    checks.push({ id: 'index', result: 'failed', detail: subject.faultOf(error) });
    return nothing;
  }
  const said = document.kind === 'index' ? document.index.mediaType : document.manifest.mediaType;
  const facts = { size: bytes.byteLength, mediaType: said };
  const wrong = wrongWith(subject.top, facts);
  if (wrong !== undefined) checks.push({ id: 'index', result: 'failed', detail: wrong });
  const descriptor: Descriptor = { digest: subject.top.digest, ...facts };
  if (document.kind === 'manifest') {
    if (wrong === undefined) {
      checks.push({ id: 'index', result: 'noted', detail: 'there is no index: the image is one manifest' });
    }
    const index: ImageIndex = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [descriptor] };
    const platform = await readPlatform(subject, descriptor, document.manifest, checks);
    return { checks, index, top: facts, platforms: platform === undefined ? [] : [platform], others: [] };
  }
  const { index } = document;
  const others = index.manifests.filter((child) => !isImage(child));
  if (wrong === undefined) {
    const detail = `${plural(index.manifests.length - others.length, 'image')}, ${formatBytes(facts.size)}`;
    checks.push({ id: 'index', result: 'passed', detail });
  }
  noteOthers(others, checks);
  const platforms: ReadPlatform[] = [];
  for (const child of index.manifests.filter(isImage)) {
    const read = await readChild(subject, child, checks);
    if (read !== undefined) platforms.push(read);
  }
  if (index.manifests.length === others.length) {
    checks.push({ id: 'platforms', result: 'failed', detail: 'expected an image in the index, found none' });
  }
  return { checks, index, top: facts, platforms, others: others.filter(({ mediaType }) => isManifestType(mediaType)) };
}

// Builders list what they attest beside the images, on a platform that does not exist.
function isImage({ mediaType, platform, artifactType }: Descriptor): boolean {
  return isManifestType(mediaType) && platform?.os !== 'unknown' && artifactType === undefined;
}

function noteOthers(others: readonly Descriptor[], checks: ImageCheck[]): void {
  for (const { mediaType, digest } of others) {
    if (isManifestType(mediaType)) continue;
    const what = isIndexType(mediaType) ? 'an index inside the index' : mediaType;
    const detail = `${shortDigest(digest)} is ${what}: it was not looked into`;
    checks.push({ id: 'index-others', result: 'pending', detail });
  }
}

async function readChild(subject: Subject, child: Descriptor, checks: ImageCheck[]): Promise<ReadPlatform | undefined> {
  const platform = child.platform === undefined ? undefined : formatPlatform(child.platform);
  try {
    const bytes = await subject.readDocument(child);
    const manifest = parseManifest(bytes, shortDigest(child.digest));
    const wrong = wrongWith(child, { size: bytes.byteLength, mediaType: manifest.mediaType });
    if (wrong === undefined) return await readPlatform(subject, child, manifest, checks);
    checks.push({ id: 'manifest', platform, result: 'failed', detail: wrong });
  } catch (error) {
    checks.push({ id: 'manifest', platform, result: 'failed', detail: subject.faultOf(error) });
  }
  return undefined;
}

async function readPlatform(
  subject: Subject,
  descriptor: Descriptor,
  manifest: ImageManifest,
  checks: ImageCheck[],
): Promise<ReadPlatform | undefined> {
  const listed = descriptor.platform;
  let config: ImageConfig;
  try {
    if (!CONFIG_TYPES.has(manifest.config.mediaType)) {
      const expected = `expected the config of an image, found ${manifest.config.mediaType}`;
      throw new BatonError('IMAGE_INVALID', `${shortDigest(descriptor.digest)}: ${expected}`);
    }
    config = parseImageConfig(await subject.readConfig(manifest.config), shortDigest(manifest.config.digest));
  } catch (error) {
    const platform = listed === undefined ? undefined : formatPlatform(listed);
    checks.push({ id: 'config', platform, result: 'failed', detail: subject.faultOf(error) });
    return undefined;
  }
  const { os, architecture, variant } = config;
  const own: Platform = { os, architecture, ...(variant === undefined ? {} : { variant }) };
  const platform = listed ?? own;
  const text = formatPlatform(platform);
  checks.push({ id: 'manifest', platform: text, result: 'passed', detail: shortDigest(descriptor.digest) });
  checks.push({ id: 'config', platform: text, result: 'passed', detail: shortDigest(manifest.config.digest) });
  if (listed !== undefined) {
    const same = samePlatform(listed, own);
    const detail = same
      ? `config and index both say ${text}`
      : `expected the config to be for ${text}, as the index says, found ${formatPlatform(own)}`;
    checks.push({ id: 'platform', platform: text, result: same ? 'passed' : 'failed', detail });
  }
  return { platform, text, descriptor, manifest, config };
}

const CONFIG_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPES.config, MEDIA_TYPES.dockerConfig]);

/** How a document differs from what names it; its digest was checked when it was read. */
function wrongWith(
  named: { digest: string; size?: number | undefined; mediaType?: string | undefined },
  found: { size: number; mediaType: string },
): string | undefined {
  if (named.size !== undefined && named.size !== found.size) {
    return `expected ${named.digest} to have ${named.size} bytes, found ${found.size}`;
  }
  if (named.mediaType !== undefined && named.mediaType !== found.mediaType) {
    return `expected ${named.digest} to be ${named.mediaType}, found ${found.mediaType}`;
  }
  return undefined;
}
