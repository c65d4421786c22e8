import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BatonError, compareText, type Emit, errnoOf, plural } from '@baton/kernel';
import type { DebianLayer, ImageSection, LayerSection, LoadedManifest, NpmLayer } from '@baton/manifest';
import {
  formatPlatform,
  type Platform,
  parseManifestOrIndex,
  parsePlatform,
  type RegistryClient,
  samePlatform,
} from '@baton/oci';
import { baseReference } from './base-reference.ts';
import { debianArchitecture } from './layers/debian/debian-arch.ts';
import { currentDebian } from './layers/debian/debian-layer.ts';
import { fetchNpm } from './layers/npm/npm-fetch.ts';
import { publishedIntegrity } from './layers/npm/npm-run.ts';
import type { SourceIo } from './layers/resolved-layer.ts';
import { emptyLock, LOCK_FILE_NAME, type LockFile, readLock, writeLock } from './lock-file.ts';
import { openRegistries } from './registries.ts';

/** What `lockImage` is given; `connect` is for tests, by default a client with docker's credentials. */
export interface LockIo {
  emit: Emit;
  signal?: AbortSignal | undefined;
  cacheDir: string;
  env: NodeJS.ProcessEnv;
  connect?: ((host: string) => RegistryClient) | undefined;
}

/** One entry of the lock that was added (no `from`), moved, or removed (no `to`). */
export interface LockChange {
  kind: 'base' | 'npm' | 'debian';
  name: string;
  from?: string;
  to?: string;
}

/** What the lock was and is. */
export interface LockResult {
  /** Absolute path of `image.lock.json`. */
  path: string;
  changes: LockChange[];
  unchanged: boolean;
  /** How many things are pinned now. */
  entries: number;
}

/**
 * Looks at everything from outside that an image is made of (bases by tag, npm and Debian packages) and writes what it
 * found to `image.lock.json`; entries that nothing needs any more go.
 *
 * With `check` nothing is written, and a lock that is behind is `BASE_DRIFT` (`LOCK_MISSING` without a file). Errors:
 * `MANIFEST_INVALID` (no section `image`), `LOCK_INVALID`, `BASE_NOT_FOUND`, `PACKAGE_UNAVAILABLE`, `TOOL_MISSING`.
 */
export async function lockImage(project: LoadedManifest, options: { check: boolean }, io: LockIo): Promise<LockResult> {
  const image = project.manifest.image;
  if (image === undefined) {
    throw new BatonError('MANIFEST_INVALID', `${project.path} has no section "image", so there is nothing to lock`, {
      hint: 'Add an image: section.',
    });
  }
  const path = join(project.dir, LOCK_FILE_NAME);
  const before = await readLock(project.dir);
  const after = await lookAtAll(project.dir, image, io);
  const changes = changesBetween(before, after);
  const result = { path, changes, unchanged: changes.length === 0, entries: flatten(after).size };
  if (options.check) {
    await demandCurrent(result);
    return result;
  }
  // A project that takes nothing from outside gets no file.
  if (changes.length > 0 || (result.entries > 0 && !(await exists(path)))) await writeLock(project.dir, after);
  return result;
}

async function lookAtAll(dir: string, image: ImageSection, io: LockIo): Promise<LockFile> {
  // Nothing is built here: time plays no part, and archives are asked afresh.
  const sourceIo: SourceIo = { ...io, epoch: 0, locked: false, refresh: true };
  const lock = emptyLock();
  const platforms = image.platforms.map(parsePlatform);
  const base = typeof image.base === 'object' && 'ref' in image.base ? [lockBase(lock, image.base.ref, io)] : [];
  const layers = image.layers.flatMap((layer) => {
    if ('npm' in layer) return [lockNpm(lock, layer, dir, sourceIo)];
    return 'debian' in layer ? [lockDebian(lock, layer, platforms, sourceIo)] : [];
  });
  await Promise.all([...base, ...layers]);
  return lock;
}

async function lockBase(lock: LockFile, text: string, io: LockIo): Promise<void> {
  const reference = baseReference(text);
  // A digest in the manifest pins by itself.
  if (reference.digest !== undefined) return;
  if (reference.tag === undefined) {
    throw new BatonError('INVALID_REFERENCE', `the base "${text}" has neither tag nor digest`, {
      hint: `Say which one you mean: ${text}:TAG.`,
    });
  }
  const registries = io.connect === undefined ? openRegistries(io) : { connect: io.connect, close: () => undefined };
  try {
    const client = registries.connect(reference.registry);
    const { descriptor, bytes } = await client
      .getManifest(reference.repository, reference.tag)
      .catch((error: unknown) => {
        if (!(error instanceof BatonError) || error.code !== 'IMAGE_NOT_FOUND') throw error;
        throw new BatonError('BASE_NOT_FOUND', `the registry has no base ${text}: ${error.message}`, {
          hint: error.hint ?? 'Correct `image.base.ref` in agent.yaml.',
          cause: error,
        });
      });
    const parsed = parseManifestOrIndex(bytes, text);
    const listed = parsed.kind === 'index' ? parsed.index.manifests.flatMap((item) => item.platform ?? []) : [];
    const known = [...new Set(listed.map(formatPlatform))].filter((name) => !name.startsWith('unknown'));
    lock.bases[text] = {
      digest: descriptor.digest,
      mediaType: descriptor.mediaType,
      platforms: known.sort(compareText),
    };
  } finally {
    registries.close();
  }
}

async function lockNpm(lock: LockFile, layer: NpmLayer, dir: string, io: SourceIo): Promise<void> {
  const spec = { name: layer.npm, version: layer.version, dir };
  lock.npm[`${layer.npm}@${layer.version}`] = {
    integrity: (await publishedIntegrity(spec, io)) ?? (await fetchNpm(spec, undefined, io)).integrity,
  };
}

async function lockDebian(
  lock: LockFile,
  layer: DebianLayer,
  platforms: readonly Platform[],
  io: SourceIo,
): Promise<void> {
  const wanted = platforms.filter((platform) => isFor(layer, platform));
  await Promise.all(
    wanted.map(async (platform) => {
      const architecture = debianArchitecture(platform);
      const found = await currentDebian(layer.debian, platform, io);
      lock.debian[architecture] = { ...lock.debian[architecture], ...found };
    }),
  );
}

function isFor(layer: LayerSection, platform: Platform): boolean {
  return layer.platform === undefined || samePlatform(parsePlatform(layer.platform), platform);
}

/** What differs between two locks, in the order of the file. */
export function changesBetween(before: LockFile, after: LockFile): LockChange[] {
  const [old, fresh] = [flatten(before), flatten(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((key): LockChange[] => {
    const [from, to] = [old.get(key), fresh.get(key)];
    const one = from ?? to;
    if (one === undefined || (from?.exact === to?.exact && from !== undefined && to !== undefined)) return [];
    const shown = from?.shown === to?.shown ? 'exact' : 'shown';
    return [
      {
        kind: one.kind,
        name: one.name,
        ...(from === undefined ? {} : { from: from[shown] }),
        ...(to === undefined ? {} : { to: to[shown] }),
      },
    ];
  });
}

/** An entry of a lock: `exact` is all of it, `shown` is what a person compares. */
interface Flat {
  kind: LockChange['kind'];
  name: string;
  exact: string;
  shown: string;
}

function flatten(lock: LockFile): Map<string, Flat> {
  const all: Flat[] = [
    ...Object.entries(lock.bases).map(([name, { digest, mediaType, platforms }]): Flat => {
      return { kind: 'base', name, exact: `${digest} ${mediaType} ${platforms.join(',')}`, shown: digest };
    }),
    ...Object.entries(lock.npm).map(([name, { integrity }]): Flat => {
      return { kind: 'npm', name, exact: integrity, shown: integrity };
    }),
    ...Object.entries(lock.debian).flatMap(([architecture, packages]) =>
      Object.entries(packages).map(([name, { version, sha256, size }]): Flat => {
        return {
          kind: 'debian',
          name: `${name} (${architecture})`,
          exact: `${version} ${sha256} ${size}`,
          shown: version,
        };
      }),
    ),
  ];
  all.sort((a, b) => compareText(`${a.kind} ${a.name}`, `${b.kind} ${b.name}`));
  return new Map(all.map((item) => [`${item.kind} ${item.name}`, item]));
}

async function demandCurrent(result: LockResult): Promise<void> {
  const [first, ...more] = result.changes;
  if (first === undefined) return;
  if (!(await exists(result.path))) {
    throw new BatonError(
      'LOCK_MISSING',
      `${result.path} does not exist, and ${plural(result.entries, 'thing')} from outside should be pinned in it`,
      {
        hint: 'Run "baton image lock" and commit the file.',
      },
    );
  }
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
  throw new BatonError('BASE_DRIFT', `${LOCK_FILE_NAME} is behind: ${describeChange(first)}${rest}`, {
    hint: 'Run "baton image lock", look at the difference, and commit it.',
    details: { changes: result.changes },
  });
}

/** One change in words: 'debian libc6 (amd64): 1.0 -> 1.1'. */
export function describeChange(change: LockChange): string {
  return `${change.kind} ${change.name}: ${change.from ?? 'not pinned'} -> ${change.to ?? 'not needed any more'}`;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return false;
      throw error;
    },
  );
}
