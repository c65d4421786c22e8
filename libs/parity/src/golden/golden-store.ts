import { resolve } from 'node:path';
import { BatonError, canonicalJson, type Digest, sha256, withLock } from '@baton/kernel';
import type { Observation } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { tokenFinder } from './find-tokens.ts';
import { type GoldenOrigin, manifestDigest } from './golden-manifest.ts';
import {
  goldenPlace,
  goldenPlaces,
  isGoldenId,
  putGolden,
  recoverGoldens,
  refuseNesting,
  removeGolden,
} from './golden-places.ts';
import { readGolden, readGoldenManifest } from './read-golden.ts';
import { writeGolden } from './write-golden.ts';

/** What OLD did in each scenario, in a directory that is kept in git. */
export interface GoldenStore {
  /** The directory, absolute. */
  directory: string;
  /** Sorted. */
  ids(): Promise<string[]>;
  /**
   * What was observed, byte for byte. Large channels go to files in `spool`, or into memory without one. Throws `GOLDEN_MISSING`,
   * `GOLDEN_LFS_POINTER`, `GOLDEN_DAMAGED`.
   */
  read(id: string, spool?: string): Promise<Observation>;
  /** Where a golden comes from. Throws as {@link read}. */
  origin(id: string): Promise<GoldenOrigin>;
  /** The digest of its manifest, and with it of every byte. Throws as {@link read}. */
  digestOf(id: string): Promise<Digest>;
  /**
   * Writes or replaces the golden of a scenario, whole: what was written is read back and compared before it gets its name. A kill at any
   * moment leaves the old one or the new one.
   */
  write(scenario: Scenario, observation: Observation, origin: GoldenOrigin): Promise<void>;
  /** Takes a golden away. Throws `GOLDEN_MISSING`. */
  remove(id: string): Promise<void>;
  /** The digest of all manifests, and with them of every byte. Throws as {@link read}. */
  digest(): Promise<Digest>;
  /** Runs work that writes: one process at a time, after what an interrupted one left was cleaned up. */
  writing<T>(work: () => Promise<T>, options?: { signal?: AbortSignal; onWait?: () => void }): Promise<T>;
}

/** Opens a directory of goldens; it need not be there yet. */
export function openGoldens(path: string): GoldenStore {
  const directory = resolve(path);
  const placeOf = async (id: string): Promise<string> => {
    const place = await goldenPlace(directory, id);
    if (place !== undefined) return place;
    throw new BatonError('GOLDEN_MISSING', `there is no golden of ${id} in ${directory}`, {
      hint: `Record it: baton parity record --only ${id}`,
      details: { scenario: id },
    });
  };
  const manifestOf = async (id: string) => await readGoldenManifest(await placeOf(id), id);
  const digestOf = async (id: string): Promise<Digest> => manifestDigest(await manifestOf(id));
  return {
    directory,
    ids: async () => [...(await goldenPlaces(directory)).keys()],
    read: async (id, spool) => await readGolden(await placeOf(id), id, spool),
    origin: async (id) => (await manifestOf(id)).origin,
    digestOf,
    async write(scenario, observation, origin) {
      const { id } = scenario;
      if (!isGoldenId(id) || observation.scenario !== id) {
        throw new BatonError(
          'INTERNAL',
          `the golden of ${id} cannot hold what was observed in ${observation.scenario}`,
        );
      }
      await refuseNesting(directory, id);
      const find = tokenFinder(scenario);
      await putGolden(`${directory}/${id}`, (temporary) => writeGolden(temporary, observation, origin, find));
    },
    remove: async (id) => await removeGolden(directory, await placeOf(id)),
    async digest() {
      const digests: [string, Digest][] = [];
      for (const id of (await goldenPlaces(directory)).keys()) digests.push([id, await digestOf(id)]);
      return sha256(canonicalJson(digests));
    },
    writing: async (work, options) =>
      await withLock(
        `goldens ${directory}`,
        async () => {
          await recoverGoldens(directory);
          return await work();
        },
        options,
      ),
  };
}
