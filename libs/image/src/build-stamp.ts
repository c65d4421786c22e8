import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { BatonError, digestHex, errnoOf } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import { type Fingerprints, fingerprints, firstChange, type Newest, walk } from './fingerprints.ts';
import { gitStateFiles } from './git-state.ts';
import { LOCK_FILE_NAME } from './lock-file.ts';
import type { ResolvedBuild } from './resolve-build.ts';
import { writeStamp } from './stamp.ts';
import type { BuildResult } from './types.ts';

/** What a stamp remembers of a build. */
export type StampedBuild = Omit<BuildResult, 'unchanged' | 'timings'>;

/** Nanoseconds in which two changes of a file can get one time: the kernel's clock for files moves in steps of 10 ms. */
export const CLOCK_STEP = 20n * 1_000_000n;

/** How a project looked before its build read anything. */
export interface Before {
  inputs: Fingerprints;
  /** Nanoseconds since 1970. */
  at: bigint;
  /** Whether a change could hide: some input is so young that a second change could have left it the same times. */
  young: boolean;
}

/** Looks at everything that is known to be an input before the build starts. */
export function lookBefore(project: LoadedManifest, bundle: boolean): Before {
  const at = BigInt(Date.now()) * 1_000_000n;
  const paths = new Set([project.path, join(project.dir, LOCK_FILE_NAME), ...gitStateFiles(project.dir)]);
  if (bundle && project.manifest.bundle !== undefined) {
    for (const input of project.manifest.bundle.inputs ?? ['.']) walk(resolve(project.dir, input), paths);
  }
  const newest: Newest = { ns: 0n };
  return { inputs: fingerprints(paths, newest), at, young: newest.ns > at - CLOCK_STEP };
}

/**
 * Writes the stamp of a build, unless something could have changed unseen while it ran; then the next build does the
 * work again. A file that changed so shortly before it was read that its times could hide a second change is read
 * again (`sameAgain`): a bundle is always that young.
 *
 * Returns how everything looked that was read and written, undefined when something could have changed unseen. A build
 * that must be made each time has no stamp, but that it has.
 *
 * @param readAt when the layers' sources were first looked at, in nanoseconds since 1970
 */
export async function stampBuild(
  path: string,
  project: LoadedManifest,
  build: ResolvedBuild,
  result: StampedBuild,
  times: { before: Before; readAt: bigint },
  bundle: boolean,
): Promise<Fingerprints | undefined> {
  if (!readFileSync(project.path).equals(project.bytes)) return undefined;
  const { before, readAt } = times;
  const known: Newest = { ns: 0n };
  const now = fingerprints(Object.keys(before.inputs), known);
  for (const input in now) if (now[input] !== before.inputs[input]) return undefined;
  Object.assign(now, fingerprints(bundle ? metafileInputs(project) : [], known));
  if (known.ns > before.at - CLOCK_STEP) return undefined;

  const sources = build.platforms.flatMap((p) => p.layers.flatMap((layer) => layer.resolved?.stampInputs ?? []));
  sources.push(...build.base.stampInputs);
  const young: Newest = { ns: 0n };
  const first = fingerprints(sources, young);
  if (young.ns > readAt - CLOCK_STEP) {
    // From here on a change has another time than the one that is seen now.
    const left = young.ns + CLOCK_STEP - BigInt(Date.now()) * 1_000_000n;
    if (left > CLOCK_STEP) return undefined;
    if (left > 0n) await setTimeout(Number(left / 1_000_000n) + 1);
    if (!(await sameAgain(build)) || firstChange(first) !== undefined) return undefined;
  }
  Object.assign(now, first);
  Object.assign(now, fingerprints([join(result.layout, 'index.json'), result.statement]));
  if (isStampable(build)) await writeStamp(path, { inputs: now, outputs: ownBlobSizes(result), result });
  return now;
}

/** A Debian layer in mode `current` must ask the archive each time. */
function isStampable(build: ResolvedBuild): boolean {
  return build.platforms.every((platform) => platform.layers.every((layer) => !layer.volatile));
}

async function sameAgain(build: ResolvedBuild): Promise<boolean> {
  const layers = build.platforms.flatMap((platform) => platform.layers);
  const same = await Promise.all(
    layers.map(async ({ resolved, volatile, again }) =>
      resolved === undefined ? false : volatile || (await again()).key === resolved.key,
    ),
  );
  return same.every(Boolean);
}

function ownBlobSizes(result: StampedBuild): Record<string, number> {
  const sizes: Record<string, number> = {};
  const add = (digest: BuildResult['index']['digest']): void => {
    const path = join(result.layout, 'blobs', 'sha256', digestHex(digest));
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined) sizes[path] = stats.size;
  };
  add(result.index.digest);
  for (const platform of result.platforms) {
    add(platform.manifest.digest);
    add(platform.config);
    for (const layer of platform.layers) if (layer.origin === 'own') add(layer.digest);
  }
  return sizes;
}

/** The inputs that esbuild's metafile lists, as absolute paths; virtual ones (`<stdin>`, `ns:name`) are not files. */
function metafileInputs(project: LoadedManifest): string[] {
  const named = project.manifest.bundle?.metafile;
  if (named === undefined) return [];
  let inputs: unknown;
  try {
    inputs = (JSON.parse(readFileSync(resolve(project.dir, named), 'utf8')) as { inputs?: unknown }).inputs;
  } catch (error) {
    if (!(error instanceof SyntaxError) && errnoOf(error) === undefined) throw error;
  }
  if (typeof inputs !== 'object' || inputs === null) {
    throw new BatonError('BUNDLE_FAILED', `${named} is not an esbuild metafile: it lists no inputs`, {
      hint: 'Correct bundle.metafile in agent.yaml, or write it with esbuild (metafile: true).',
    });
  }
  const files = Object.keys(inputs).map((input) => resolve(project.dir, input));
  return files.filter((file) => statSync(file, { throwIfNoEntry: false }) !== undefined);
}
