import { type Digest, type Emit, joinFlight, shortDigest } from '@baton/kernel';
import type { ContentStore, Reference } from '@baton/oci';
import { flightRecords } from './project-lock.ts';
import { openRegistries, type SaidOfTls } from './registries.ts';
import type { ImageIo } from './types.ts';

/** Milliseconds that a download may take in all: what came until then is kept. */
const DEADLINE = 6 * 60 * 60_000;
/** Milliseconds without a byte until it is given up. */
const IDLE = 5 * 60_000;
/** Bytes between two events. */
const STEP = 1024 * 1024;

/**
 * Brings a blob from a registry into a store, once for all processes that want it at a time; one that is there costs
 * nothing. What came before a download broke off (killed, too) is kept, and the next one goes on behind it.
 *
 * It has a connection of its own, because it may outlive the caller who asked first.
 */
export async function pullBlob(
  from: { reference: Reference; tls?: SaidOfTls | undefined },
  blob: { digest: Digest; size: number },
  store: ContentStore,
  io: ImageIo,
): Promise<void> {
  const { registry, repository } = from.reference;
  const { digest, size } = blob;
  const label = `base layer ${shortDigest(digest)}`;
  const event = { id: digest, label, total: size, unit: 'bytes' as const };

  async function work({ signal, emit }: { signal: AbortSignal; emit: Emit }): Promise<true> {
    const registries = openRegistries({ emit, signal, env: io.env }, { tls: from.tls });
    try {
      emit({ type: 'download.start', ...event });
      const client = registries.connect(registry);
      await store.download(blob, (part) => {
        const pass = countBytes((done) => emit({ type: 'download.progress', ...event, done }), emit);
        return pass(client.getBlob(repository, blob, part === undefined ? undefined : pass(part)));
      });
      emit({ type: 'download.end', ...event, done: size });
      return true;
    } finally {
      registries.close();
    }
  }

  await joinFlight<true>(
    {
      key: `blob ${store.root} ${registry}/${repository} ${digest} ${size}`,
      title: label,
      records: flightRecords(io.cacheDir),
      deadline: DEADLINE,
      idle: IDLE,
      find: async () => ((await store.has(digest, size)) ? true : undefined),
      work,
    },
    io,
  );
}

/** Lets bytes pass and tells how many they are by now; every chunk is a sign of life. */
function countBytes(tell: (done: number) => void, emit: Emit) {
  let done = 0;
  let told = 0;
  return async function* pass(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      done += chunk.byteLength;
      if (done - told >= STEP) {
        told = done;
        tell(done);
      } else emit({ type: 'alive' });
      yield chunk;
    }
  };
}
