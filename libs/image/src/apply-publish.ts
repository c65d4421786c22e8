import { join } from 'node:path';
import { BatonError, type Digest, formatBytes, shortDigest } from '@baton/kernel';
import { type ContentStore, openStore } from '@baton/oci';
import pLimit from 'p-limit';
import type { ResolvedPublish } from './plan-publish.ts';
import { isWriteOnce, type RenderedTag, tagConflict } from './tags.ts';
import type { ImageIo, PlannedBlob, PublishResult } from './types.ts';

/** Uploads that one publish has under way. */
const AT_ONCE = 6;

/** What applying a plan did. */
export type PublishOutcome = Pick<PublishResult, 'tags' | 'uploads' | 'attached'>;

/**
 * Publishes: blobs, manifests by digest, the index by digest, what is attached to them, a look whether it is there, the
 * tags that are written once, the tags that move. Whatever is interrupted leaves nothing that a tag names, and a second run goes on.
 *
 * Errors: `TAG_CONFLICT`, `STORE_CORRUPT`, what the registry answers.
 */
export async function applyPublish(resolved: ResolvedPublish, io: ImageIo): Promise<PublishOutcome> {
  const { plan, facts } = resolved;
  const uploads = { blobs: 0, bytes: 0, mounted: 0, present: 0, manifests: 0 };
  const attaching = beginAttaching(resolved, io);
  if (plan.indexAction === 'put') {
    await putBlobs(resolved, plan.blobs, uploads, io);
    await putDocuments(resolved, uploads, io).catch(async (error: unknown) => {
      if (!saysBlobUnknown(error)) throw error;
      // What was there a moment ago is gone: somebody cleans up over there. Once more, and believing nothing.
      io.emit({ type: 'retry', label: 'the registry misses a blob that it had; checking all of them again' });
      const missing = await missingBlobs(resolved);
      await putBlobs(resolved, missing, uploads, io);
      await putDocuments(resolved, uploads, io);
    });
  } else {
    uploads.present += plan.blobs.length;
  }
  const attached = await attaching?.finish();
  const wanted = plan.tags.filter((tag) => tag.action !== 'keep');
  const rendered = wanted
    .map((tag) => facts.tags.find((other) => other.tag === tag.tag))
    .filter((tag) => tag !== undefined);
  const once = rendered.filter(isWriteOnce);
  await verify(resolved, once);
  const states = new Map<string, PublishResult['tags'][number]['state']>();
  for (const group of [once, rendered.filter((tag) => !isWriteOnce(tag))]) {
    await Promise.all(group.map(async (tag) => states.set(tag.tag, await putTag(resolved, tag, io))));
  }
  const tags = wanted.map(({ tag }) => ({ tag, state: states.get(tag) ?? 'present' }));
  return { tags, uploads, attached: attached ?? [] };
}

/** Sends the blobs of what will be attached beside those of the image; `finish` attaches, when the index is there. */
function beginAttaching(
  { attachments, look, client, facts, plan }: ResolvedPublish,
  io: ImageIo,
): { finish(): Promise<PublishResult['attached']> } | undefined {
  if (attachments === undefined) return undefined;
  const place = { client, repository: facts.target.repository };
  const lacking = plan.attachments.some(({ action }) => action === 'attach');
  const sent = begin();
  sent.catch(() => undefined);

  async function begin() {
    const [stage, made] = await Promise.all([import('./attest/put-attachments.ts'), attachments?.make() ?? []]);
    const missing = made.filter((each) => look?.present.has(each) !== true);
    if (lacking) await stage.putAttachmentBlobs(missing, place);
    return { stage, made };
  }

  return {
    async finish() {
      const { stage, made } = await sent;
      return await stage.putAttachments(made, attachments.signer, look, place, io.emit);
    },
  };
}

async function putBlobs(
  resolved: ResolvedPublish,
  blobs: readonly PlannedBlob[],
  uploads: PublishResult['uploads'],
  io: ImageIo,
): Promise<void> {
  const limit = pLimit(AT_ONCE);
  await Promise.all(
    blobs.map((blob) =>
      limit(async () => {
        if (blob.action === 'present') uploads.present += 1;
        else await putBlob(resolved, blob, uploads, io);
      }),
    ),
  );
}

async function putBlob(
  { facts, client, base }: ResolvedPublish,
  blob: PlannedBlob,
  uploads: PublishResult['uploads'],
  io: ImageIo,
): Promise<void> {
  const { digest, size } = blob;
  const own = await facts.store.has(digest, size);
  const work = { id: digest, label: `${blob.title} ${shortDigest(digest)}` };
  const open = (): AsyncIterable<Uint8Array> => {
    if (own) return facts.store.stream(digest, size);
    if (base !== undefined) return base.open(blob);
    throw new BatonError(
      'BLOB_MISSING',
      `the layout lacks the blob ${digest} and the image has no base to take it from`,
      {
        hint: 'Build the image again: baton image build',
      },
    );
  };
  io.emit({ type: 'blob.start', ...work, done: 0, total: size, unit: 'bytes' });
  const how = await client
    .putBlob(facts.target.repository, { digest, size }, open, {
      mountFrom: blob.action === 'mount' ? base?.mountFrom : undefined,
      onProgress: (done) => io.emit({ type: 'blob.progress', ...work, done, total: size, unit: 'bytes' }),
    })
    .catch(async (error: unknown) => {
      throw own ? await damaged(error, facts.store, blob, io) : error;
    });
  if (how === 'mounted') uploads.mounted += 1;
  else {
    uploads.blobs += 1;
    uploads.bytes += size;
  }
  io.emit({
    type: 'blob.end',
    ...work,
    detail: how === 'mounted' ? `linked from ${blob.from}` : formatBytes(size),
    data: { how },
  });
}

/**
 * What a failed upload of an own blob means: when the blob is damaged, it is moved out of the way, in the layout and in
 * the cache, whose file is often the same one; then the next build makes the layer again.
 */
async function damaged(
  error: unknown,
  store: ContentStore,
  { digest, size }: PlannedBlob,
  io: ImageIo,
): Promise<unknown> {
  // The registry may notice wrong bytes before we do.
  if (!(error instanceof BatonError) || !['STORE_CORRUPT', 'DIGEST_MISMATCH'].includes(error.code)) return error;
  const found = error.code === 'STORE_CORRUPT' ? error : await damageOf(store, digest, size);
  if (found === undefined) return error;
  await damageOf(openStore(join(io.cacheDir, 'v1')), digest, size);
  return new BatonError('STORE_CORRUPT', found.message, {
    hint: 'Build the image again (baton image build): the layer is made anew. If it happens again, check the disk.',
    cause: error,
    details: found.details,
  });
}

/** Reads a blob to its end; the store moves a damaged one away. An absent blob has no damage. */
async function damageOf(store: ContentStore, digest: Digest, size: number): Promise<BatonError | undefined> {
  try {
    for await (const _ of store.stream(digest, size));
    return undefined;
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    return error.code === 'STORE_CORRUPT' ? error : undefined;
  }
}

async function missingBlobs({ plan, facts, client, base }: ResolvedPublish): Promise<PlannedBlob[]> {
  const checked = await Promise.all(
    plan.blobs.map(async (blob): Promise<PlannedBlob | undefined> => {
      if ((await client.headBlob(facts.target.repository, blob.digest)) === blob.size) return undefined;
      const mount = base?.mountFrom !== undefined && !(await facts.store.has(blob.digest, blob.size));
      return { ...blob, action: mount ? 'mount' : 'upload' };
    }),
  );
  return checked.filter((blob) => blob !== undefined);
}

async function putDocuments(
  { facts, client, plan }: ResolvedPublish,
  uploads: PublishResult['uploads'],
  io: ImageIo,
): Promise<void> {
  const { image, target } = facts;
  const put = async (digest: Digest, bytes: Buffer, mediaType: string, label: string): Promise<void> => {
    await client.putManifest(target.repository, digest, bytes, mediaType);
    uploads.manifests += 1;
    io.emit({ type: 'manifest.put', id: digest, label: `${label} ${shortDigest(digest)}` });
  };
  await Promise.all(
    image.platforms.map(({ descriptor, bytes }, i) =>
      put(descriptor.digest, bytes, descriptor.mediaType, `manifest ${plan.manifests[i]?.platform ?? ''}`),
    ),
  );
  const { descriptor, bytes } = image.index;
  await put(descriptor.digest, bytes, descriptor.mediaType, 'index');
}

function saysBlobUnknown(error: unknown): boolean {
  return error instanceof BatonError && /BLOB_UNKNOWN/.test(String(error.details.registryCode));
}

/** The index must be there before a tag names it, and the tags that are written once must still be free. */
async function verify({ plan, facts, client }: ResolvedPublish, once: readonly RenderedTag[]): Promise<void> {
  const { repository } = facts.target;
  const [index, ...tags] = await Promise.all([
    client.headManifest(repository, plan.index.digest),
    ...once.map(({ tag }) => client.headManifest(repository, tag)),
  ]);
  if (index?.digest !== plan.index.digest) {
    throw new BatonError(
      'REGISTRY_PROTOCOL',
      `${facts.target.registry} took the index ${plan.index.digest} and does not have it`,
      {
        hint: 'The registry lost it or answers from several unequal servers: try again, or tell those who run it.',
        retryable: true,
      },
    );
  }
  for (const [i, found] of tags.entries()) {
    if (found !== undefined && found.digest !== plan.index.digest) {
      throw tagConflict(`${plan.repository}:${once[i]?.tag}`, found.digest, plan.index.digest);
    }
  }
}

async function putTag(
  { plan, facts, client }: ResolvedPublish,
  tag: RenderedTag,
  io: ImageIo,
): Promise<PublishResult['tags'][number]['state']> {
  const planned = plan.tags.find((other) => other.tag === tag.tag);
  const { repository } = facts.target;
  const { descriptor, bytes } = facts.image.index;
  const label = `${plan.repository}:${tag.tag}`;
  if (planned?.action === 'present') {
    io.emit({ type: 'tag.put', label, detail: 'already there', data: { tag: tag.tag, state: 'present' } });
    return 'present';
  }
  await client.putManifest(repository, tag.tag, bytes, descriptor.mediaType);
  if (isWriteOnce(tag)) {
    // Two publishers on two machines can both have found the tag free; the later one is seen here.
    const found = await client.headManifest(repository, tag.tag);
    if (found?.digest !== descriptor.digest)
      throw tagConflict(label, found?.digest ?? descriptor.digest, descriptor.digest);
  }
  const state = planned?.action === 'move' ? 'moved' : 'created';
  io.emit({ type: 'tag.put', label, detail: state, data: { tag: tag.tag, state, digest: descriptor.digest } });
  return state;
}
