import { BatonError, type Digest } from '@baton/kernel';
import { type Descriptor, isIndexType, isManifestType, parseManifestOrIndex, type RegistryClient } from '@baton/oci';
import pLimit from 'p-limit';
import type { ImageIo } from '../types.ts';
import type { ManifestFacts, RepositoryFacts } from './types.ts';

/** A repository that is being read; what is known only grows. */
export interface RepositoryReader {
  readonly facts: RepositoryFacts;
  readonly notes: string[];
  /** Reads what is attached to manifests, and what is attached to that; whether anything new came. */
  readAttached(digests: Iterable<Digest>): Promise<boolean>;
}

/** Requests at one time: registries limit clients, and this is in no hurry. */
const AT_ONCE = 8;

/**
 * Reads a repository with GET and HEAD alone: the tags, the digest of each, each manifest once, and the manifests that
 * indexes list. A check that fails is repeated by the client and then an error; only a registry that answers that
 * something is not there makes it gone. Throws what {@link RegistryClient} throws, `IMAGE_INVALID`.
 */
export async function readRepository(
  client: RegistryClient,
  repository: string,
  io: Pick<ImageIo, 'emit'>,
): Promise<RepositoryReader> {
  const limit = pLimit(AT_ONCE);
  const tags = new Map<string, Digest | undefined>();
  const manifests = new Map<Digest, ManifestFacts>();
  const notes: string[] = [];
  const asked = new Set<Digest>();
  let lists: boolean | undefined;

  async function steps<T>(what: string, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    const event = { id: `retention ${what}`, label: what, total: items.length, unit: 'items' as const };
    io.emit({ type: 'retention.start', ...event });
    let done = 0;
    // What has not begun when one fails is not begun: the caller closes the connections.
    await Promise.all(
      items.map((item) =>
        limit(async () => {
          await work(item);
          done += 1;
          io.emit({ type: 'retention.progress', ...event, done });
        }),
      ),
    ).finally(() => limit.clearQueue());
    io.emit({ type: 'retention.end', ...event, done });
  }

  /** Reads manifests and everything below them, level by level; what is known is not asked for again. */
  async function readAll(roots: readonly Digest[], mayLack: boolean): Promise<void> {
    const children = new Set<Digest>();
    const unread = [...new Set(roots)].filter((digest) => !manifests.has(digest));
    if (unread.length === 0) return;
    await steps(mayLack ? 'reading the images of indexes' : 'reading manifests', unread, async (digest) => {
      const bytes = await client.getManifest(repository, digest).then(
        (found) => found.bytes,
        (error: unknown) => {
          if (mayLack && error instanceof BatonError && error.code === 'IMAGE_NOT_FOUND') return undefined;
          throw error;
        },
      );
      if (bytes === undefined) notes.push(`an index lists ${digest}, which the registry does not have`);
      const facts = bytes === undefined ? NOTHING : factsOf(bytes, `${repository}@${digest}`);
      manifests.set(digest, facts);
      for (const child of facts.children) children.add(child);
    });
    await readAll([...children], true);
  }

  async function readAttached(digests: Iterable<Digest>): Promise<boolean> {
    // Where the registry does not list them, the tags that do are among the tags that were read.
    const [first, ...others] = [...digests].filter((digest) => !asked.has(digest)).sort();
    if (first === undefined || lists === false) return false;
    const found = new Set<Digest>();
    const ask = async (digest: Digest): Promise<void> => {
      asked.add(digest);
      const { descriptors, by } = await client.listReferrers(repository, digest);
      lists = by === 'api';
      for (const descriptor of lists ? descriptors : []) found.add(descriptor.digest);
    };
    await ask(first);
    if (lists === true) await steps('asking what is attached', others, ask);
    const before = manifests.size;
    await readAll([...found], false);
    return manifests.size > before;
  }

  const names = await client.listTags(repository);
  await steps('resolving tags', names, async (tag) => {
    tags.set(tag, (await client.headManifest(repository, tag))?.digest);
  });
  await readAll(
    [...tags.values()].filter((digest) => digest !== undefined),
    false,
  );
  return { facts: { tags, manifests }, notes, readAttached };
}

const NOTHING: ManifestFacts = { size: 0, children: [], blobs: [] };

function factsOf(bytes: Buffer, where: string): ManifestFacts {
  const parsed = parseManifestOrIndex(bytes, where);
  const size = bytes.byteLength;
  const { subject } = parsed.kind === 'index' ? parsed.index : parsed.manifest;
  const about = subject === undefined ? {} : { subject: subject.digest };
  if (parsed.kind === 'manifest') {
    const { config, layers } = parsed.manifest;
    return { size, children: [], blobs: [config, ...layers].map(sized), ...about };
  }
  const listed = parsed.index.manifests;
  const isDocument = ({ mediaType }: Descriptor): boolean => isManifestType(mediaType) || isIndexType(mediaType);
  return {
    size,
    children: listed.filter(isDocument).map(({ digest }) => digest),
    blobs: listed.filter((one) => !isDocument(one)).map(sized),
    ...about,
  };
}

function sized({ digest, size }: Descriptor): { digest: Digest; size: number } {
  return { digest, size };
}
