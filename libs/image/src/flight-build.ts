import { BatonError, type Emit, joinFlight, sha256, toBatonError } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import type { Before } from './build-stamp.ts';
import { type Fingerprints, firstChange } from './fingerprints.ts';
import type { ImageBuildOptions } from './options.ts';
import { flightRecords } from './project-lock.ts';
import { toolIdentity } from './stamp.ts';
import type { BuildResult, ImageIo } from './types.ts';
import { buildStamp, unchangedBuild } from './unchanged.ts';

type Options = Omit<ImageBuildOptions, 'path'>;

/**
 * Makes a build, waiting for its turn.
 *
 * @param onStart to be called when nothing has been read yet
 * @param onLook to be called with how the inputs look before they are read
 */
export type MakeBuild = (
  io: ImageIo,
  onStart: () => void,
  onLook: (before: Before) => void,
) => Promise<{ result: BuildResult; inputs: Fingerprints | undefined }>;

/** What a build tells those who waited for it. */
interface SharedBuild {
  /** When it began to read, by the machine's clock since its start: nanoseconds, as text. */
  startedAt: string;
  /** How everything looked that decided the outcome; absent when nobody can say. */
  inputs?: Fingerprints | undefined;
  result?: BuildResult;
  failure?: ReturnType<BatonError['toJSON']>;
}

/**
 * Makes a build once for all who ask for it at a time, in whatever process: the same project with the same manifest,
 * options, time, cache and program. Other builds of the project wait for its lock as before.
 *
 * Nobody gets an image, or an error, of sources that were changed before he asked. Who waited takes an outcome
 *
 * 1. when he asked before the build began to read: it is what a build of his own would have given;
 * 2. when every input is still as the build saw it (sizes, times, inodes: `fingerprints.ts`), and what the build wrote
 *    is still there: so it was when he asked;
 * 3. when the build itself found nothing to do, and he finds the same.
 *
 * Else he starts again, together with the others for whom it did not hold. By this a build that is never "unchanged" is
 * shared as well: with `--force`, which does not trust memories, and with a Debian layer in mode `current`, for which
 * the archive is asked once by the build that is under way. An error is judged alike, where all that led to it is known
 * (the bundle command failed); of any other error rule 1 alone decides.
 *
 * A caller's abort drops that caller; the build goes on, until `io.shutdown`.
 */
export async function shareBuild(
  project: LoadedManifest,
  options: Options,
  io: ImageIo,
  make: MakeBuild,
): Promise<BuildResult> {
  const askedAt = process.hrtime.bigint();
  const stamp = buildStamp(project.path, options, io);
  const asked = JSON.stringify(options, Object.keys(options).sort());
  let own: unknown;

  async function work(flight: { signal: AbortSignal; emit: Emit }): Promise<SharedBuild> {
    let startedAt = '';
    let before: Before | undefined;
    const onStart = (): void => {
      startedAt = String(process.hrtime.bigint());
    };
    const onLook = (looked: Before): void => {
      before = looked;
    };
    try {
      const { result, inputs } = await make({ ...io, ...flight }, onStart, onLook);
      return { startedAt, inputs, result };
    } catch (error) {
      if (flight.signal.aborted || startedAt === '') throw error;
      own = error;
      const failure = toBatonError(error);
      const known = failure.code === 'BUNDLE_FAILED' && before?.young === false;
      return { startedAt, inputs: known ? before?.inputs : undefined, failure: failure.toJSON() };
    }
  }

  async function accept({ startedAt, inputs, result }: SharedBuild): Promise<boolean> {
    if (askedAt < BigInt(startedAt)) return true;
    if (inputs !== undefined) return firstChange(inputs) === undefined;
    if (result?.unchanged !== true) return false;
    const found = unchangedBuild(project.path, { ...options, force: false }, io);
    return found?.index.digest === result.index.digest;
  }

  const shared = await joinFlight(
    {
      key: ['image build', stamp, asked, sha256(project.bytes), toolIdentity()].join(' '),
      title: `the image of ${project.dir}`,
      records: flightRecords(io.cacheDir),
      work,
      accept,
    },
    io,
  );
  if (own !== undefined) throw own;
  if (shared.result !== undefined) return shared.result;
  const { code = 'INTERNAL', message = 'a build ended without an outcome', ...facts } = shared.failure ?? {};
  throw new BatonError(code, message, facts);
}
