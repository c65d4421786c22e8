import type { Digest } from '@baton/kernel';
import { fail, json } from './registry-answers.ts';
import type { Exchange } from './registry-exchange.ts';
import type { RegistryHabits } from './registry-habits.ts';
import type { RegistryStore, StoredManifest } from './registry-store.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';

/** The manifests whose subject is a digest, known to the repository or not (distribution 1.1, "Listing Referrers"). */
export async function listReferrers(
  exchange: Exchange,
  store: RegistryStore,
  repository: string,
  subject: Digest,
  habits: RegistryHabits,
): Promise<void> {
  const query = exchange.url.searchParams;
  const wanted = habits.referrerFilter === false ? null : query.get('artifactType');
  const all = (await store.referrers(repository, subject))
    .map(describe)
    .filter(({ artifactType }) => wanted === null || artifactType === wanted)
    .filter(({ digest }) => digest > (query.get('last') ?? ''));
  const shown = all.slice(0, habits.referrerPage ?? all.length);
  const last = shown.at(-1);
  const next = new URLSearchParams({ ...(wanted === null ? {} : { artifactType: wanted }), last: last?.digest ?? '' });
  const link = `</v2/${repository}/referrers/${subject}?${next}>; rel="next"`;
  await json(
    exchange,
    200,
    { schemaVersion: 2, mediaType: INDEX, manifests: shown },
    {
      'Content-Type': INDEX,
      ...(wanted === null ? {} : { 'OCI-Filters-Applied': 'artifactType' }),
      ...(all.length > shown.length ? { Link: link } : {}),
    },
  );
}

/** Answers for digests of other algorithms than the one that is kept. */
export async function noReferrers(exchange: Exchange): Promise<void> {
  await fail(exchange, 400, 'DIGEST_INVALID', 'not a sha256 digest');
}

function describe({ bytes, digest, mediaType }: StoredManifest): Record<string, unknown> & { digest: Digest } {
  const document = JSON.parse(bytes.toString('utf8')) as {
    artifactType?: string;
    config?: { mediaType?: string };
    annotations?: Record<string, string>;
  };
  const artifactType = document.artifactType ?? document.config?.mediaType;
  return {
    mediaType,
    digest,
    size: bytes.byteLength,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(document.annotations === undefined ? {} : { annotations: document.annotations }),
  };
}
