import { BatonError, compareText, ensureDir } from '@baton/kernel';
import type { Identity, Subject } from '../model/observation.ts';
import type { GoldenStore } from './golden-store.ts';

/** Recorded goldens as a subject: it runs nothing, and its identity is the digest of every byte of them. */
export function goldenSubject(store: GoldenStore): Subject {
  const identify = async (): Promise<Identity> => {
    const ids = await store.ids();
    if (ids.length === 0) {
      throw new BatonError('SUBJECT_NOT_FOUND', `no golden in ${store.directory}, where OLD should be recorded`, {
        hint: 'Record OLD first: baton parity record',
      });
    }
    const counts = await countOrigins(store, ids);
    const facts = Object.entries(counts).map(([kind, count]) => [kind, String(count)]);
    return {
      kind: 'golden',
      name: store.directory,
      digest: await store.digest(),
      facts: { goldens: String(ids.length), ...Object.fromEntries(facts) },
    };
  };
  let identity: Promise<Identity> | undefined;
  return {
    identity: async () => {
      identity ??= identify();
      return await identity;
    },
    digestOf: async ({ id }) => await store.digestOf(id),
    async observe({ id }, io) {
      await ensureDir(io.directory);
      return await store.read(id, io.directory);
    },
    close: async () => undefined,
  };
}

/** How many goldens come from where; those that took NEW's word for it are to be seen in every report. */
export async function countOrigins(store: GoldenStore, ids: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const id of ids) {
    const { kind } = await store.origin(id);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).sort(([one], [other]) => compareText(one, other)));
}
