import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LoadedManifest } from '@baton/manifest';
import { CLOCK_STEP } from './build-stamp.ts';
import { type Fingerprints, fingerprints, type Newest, walk } from './fingerprints.ts';
import { gitStateFiles, gitTagDirectory } from './git-state.ts';
import type { ImagePublishOptions } from './options.ts';
import type { PublishTarget } from './registries.ts';
import { writeStamp } from './stamp.ts';
import type { ImageIo, PublishResult } from './types.ts';
import { publishStamp, type StampedPublish } from './unchanged.ts';

type Options = Omit<ImagePublishOptions, 'path'>;

/** How the inputs of a publish looked before it read them. */
export interface BeforePublish {
  inputs: Fingerprints;
  at: bigint;
}

/** Looks at what decides a publish besides the image: the manifest, and git where the version may come from a tag. */
export function lookBeforePublish(project: LoadedManifest, options: Options): BeforePublish {
  const at = BigInt(Date.now()) * 1_000_000n;
  const paths = new Set([project.path]);
  if (options.release === undefined && project.manifest.image?.version === undefined) {
    for (const file of gitStateFiles(project.dir)) paths.add(file);
    const tags = gitTagDirectory(project.dir);
    if (tags !== undefined) walk(tags, paths);
  }
  return { inputs: fingerprints(paths), at };
}

/**
 * Remembers a publish, unless something changed meanwhile. What Baton wrote itself (layout and statements) is taken as
 * it is now: the locks keep other runs away.
 */
export async function stampPublish(
  project: LoadedManifest,
  options: Options,
  published: { result: StampedPublish['result']; target: PublishTarget; tag: string },
  before: BeforePublish,
  io: ImageIo,
): Promise<void> {
  const { result, target, tag } = published;
  // Without a tag there is nothing to ask for; without proof the reason must be given each time.
  if (tag === '' || options.acceptUnproven !== undefined) return;
  const newest: Newest = { ns: 0n };
  const now = fingerprints(Object.keys(before.inputs), newest);
  for (const path in now) if (now[path] !== before.inputs[path]) return;
  if (newest.ns > before.at - CLOCK_STEP || !readFileSync(project.path).equals(project.bytes)) return;
  const dist = join(project.dir, 'dist');
  const own = [
    join(dist, 'image', 'index.json'),
    ...EVIDENCE.map((name) => join(dist, 'evidence', name)),
    result.statement,
    ...keyFiles(project, io.env),
  ];
  const { registry, repository, insecure } = target;
  const stamped: StampedPublish = {
    result: {
      ...result,
      tags: result.tags.map((each) => ({ ...each, state: 'present' })),
      attached: result.attached.map((each) => ({ ...each, state: 'present' })),
      uploads: NOTHING,
    },
    registry,
    repository,
    insecure,
    tag,
    digest: result.index.digest,
  };
  const path = publishStamp(project.path, options, io);
  await writeStamp(path, { inputs: { ...now, ...fingerprints(own) }, outputs: {}, result: stamped });
}

/** The files that keys are read from: with another key there is something to sign. */
function keyFiles(project: LoadedManifest, env: NodeJS.ProcessEnv): string[] {
  const { key } = project.manifest.evidence;
  const named = env.BATON_SIGNING_KEY ?? '';
  return [...(key === undefined ? [] : [resolve(project.dir, key)]), ...(named === '' ? [] : [resolve(named)])];
}

// With the envelopes: a signature that comes or goes is news.
const EVIDENCE = ['image.json', 'image.dsse.json', 'publish.dsse.json'];
const NOTHING: PublishResult['uploads'] = { blobs: 0, bytes: 0, mounted: 0, present: 0, manifests: 0 };
