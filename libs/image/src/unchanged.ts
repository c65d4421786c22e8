import { join, resolve } from 'node:path';
import type { Digest } from '@baton/kernel';
import type { ImageBuildOptions, ImagePublishOptions } from './options.ts';
import { stampPath, validStamp } from './stamp.ts';
import type { BuildResult, ImageIo, PublishResult } from './types.ts';

// This file is the fast path: it must not load YAML, schemas or anything else that a finished job does not need.

/** What a stamp remembers of a publish. */
export interface StampedPublish {
  result: Omit<PublishResult, 'unchanged' | 'timings'>;
  registry: string;
  repository: string;
  insecure?: boolean | undefined;
  /** The tag that is asked for, and what it must answer. */
  tag: string;
  digest: Digest;
}

/**
 * The result of the last build when none of its inputs changed since; undefined when there is work to do. Reads the
 * times of files and nothing else.
 *
 * @param path the project's folder or its `agent.yaml`
 */
export function unchangedBuild(
  path: string,
  options: Pick<ImageBuildOptions, 'release' | 'locked' | 'bundle' | 'force' | 'dryRun' | 'driver'>,
  io: ImageIo,
): BuildResult | undefined {
  if (options.force || options.dryRun) return undefined;
  const built = validStamp<Omit<BuildResult, 'unchanged' | 'timings'>>(buildStamp(manifestPath(path), options, io));
  return built === undefined ? undefined : { ...built, unchanged: true, timings: {} };
}

/**
 * The result of the last publish when nothing changed since and the registry still has the first tag under the same
 * digest (one request); undefined when there is work to do or something to find out.
 */
export async function unchangedPublish(
  path: string,
  options: Omit<ImagePublishOptions, 'path'>,
  io: ImageIo,
): Promise<PublishResult | undefined> {
  if (options.force || options.dryRun) return undefined;
  const manifest = manifestPath(path);
  const published = validStamp<StampedPublish>(publishStamp(manifest, options, io));
  if (published === undefined) return undefined;
  const { release, locked, driver } = options;
  if (
    options.build &&
    unchangedBuild(manifest, { release, locked, driver, bundle: true, force: false, dryRun: false }, io) === undefined
  ) {
    return undefined;
  }
  // Loaded here, because there is nothing to ask for whoever has work to do.
  const { publishedDigest } = await import('./published-digest.ts');
  if ((await publishedDigest(published, io)) !== published.digest) return undefined;
  return { ...published.result, unchanged: true, timings: {} };
}

/** Where the stamp of a build lies; `manifest` is the absolute path of `agent.yaml`. */
export function buildStamp(
  manifest: string,
  options: Pick<ImageBuildOptions, 'release' | 'locked' | 'bundle' | 'driver'>,
  io: Pick<ImageIo, 'cacheDir' | 'env'>,
): string {
  const { release, locked, bundle, driver } = options;
  return stampPath(io.cacheDir, manifest, {
    build: 1,
    release,
    locked,
    bundle,
    driver,
    epoch: io.env.SOURCE_DATE_EPOCH,
  });
}

/** Where the stamp of a publish lies. */
export function publishStamp(
  manifest: string,
  options: Omit<ImagePublishOptions, 'path'>,
  io: Pick<ImageIo, 'cacheDir' | 'env'>,
): string {
  const { release, repository, tag, acceptUnproven, driver } = options;
  // What is signed is part of what is published, so a key that comes or goes is news.
  const key = io.env.BATON_SIGNING_KEY;
  return stampPath(io.cacheDir, manifest, { publish: 3, release, repository, tag, acceptUnproven, driver, key });
}

/** The absolute path of the `agent.yaml` that `path` means. */
export function manifestPath(path: string): string {
  const absolute = resolve(path);
  return /\.ya?ml$/.test(absolute) ? absolute : join(absolute, 'agent.yaml');
}
