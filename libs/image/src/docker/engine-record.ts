import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BatonError,
  type Digest,
  errnoOf,
  isDigest,
  prettyJson,
  readFileLimited,
  removeFile,
  writeFileIfChanged,
} from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';

/** An image that an engine holds for one platform. */
export interface EngineMade {
  platform: string;
  /** The image ID: the digest of its config (in an engine with the containerd store: of its manifest). */
  image: Digest;
  /** The name it has in the engine. */
  name: string;
  /** Of the uncompressed layers, bottom first. */
  diffIds: Digest[];
  /** Bytes, uncompressed. */
  size: number;
}

/** What the last build by the driver docker left: the image itself is in the engine. */
export interface EngineRecord {
  driver: 'docker';
  /** Of the engine. */
  address: string;
  revision?: string | undefined;
  version?: string | undefined;
  platforms: EngineMade[];
}

/** Where the record of a project lies: in the place of the layout that the driver embedded writes. */
export function recordPath(project: LoadedManifest): string {
  return join(project.dir, 'dist', 'image', 'engine.json');
}

/**
 * Writes the record, in place of whatever image the other driver left in `dist/image`: of two images nobody could tell
 * which one is meant. The layout's `index.json` goes, by which it exists; its blobs stay for the next embedded build.
 */
export async function writeRecord(project: LoadedManifest, record: EngineRecord): Promise<void> {
  const path = recordPath(project);
  const index = indexPath(project);
  if (await isThere(index)) await removeFile(index);
  await writeFileIfChanged(path, prettyJson(JSON.parse(JSON.stringify(record))));
}

/** Whether the image that a project has was built by the driver docker. */
export async function isEngineBuilt(project: LoadedManifest): Promise<boolean> {
  return !(await isThere(indexPath(project))) && (await isThere(recordPath(project)));
}

/** What the last build left. Errors: `IMAGE_NOT_BUILT`, `IMAGE_INVALID`. */
export async function readRecord(project: LoadedManifest): Promise<EngineRecord> {
  const path = recordPath(project);
  const layout = await isThere(indexPath(project));
  const bytes = layout ? undefined : await readFileLimited(path, 1024 * 1024).catch(absent);
  if (bytes === undefined) {
    const found = layout ? 'one of the driver embedded' : 'none';
    throw new BatonError(
      'IMAGE_NOT_BUILT',
      `expected an image of the driver docker in ${join(path, '..')}, found ${found}`,
      {
        hint: 'Build it first: baton image build --driver docker, or publish --build.',
      },
    );
  }
  const record = parse(bytes);
  if (record !== undefined) return record;
  throw new BatonError('IMAGE_INVALID', `${path} is not what a build wrote`, {
    hint: 'Build the image again: baton image build',
  });
}

function indexPath(project: LoadedManifest): string {
  return join(project.dir, 'dist', 'image', 'index.json');
}

function parse(bytes: Buffer): EngineRecord | undefined {
  try {
    const record = JSON.parse(bytes.toString('utf8')) as EngineRecord;
    const isWhole =
      record.driver === 'docker' &&
      record.platforms.length > 0 &&
      record.platforms.every(
        ({ platform, image, name, diffIds }) =>
          [typeof platform, typeof name].every((type) => type === 'string') &&
          isDigest(image) &&
          diffIds.every(isDigest),
      );
    return isWhole ? record : undefined;
  } catch {
    return undefined;
  }
}

function absent(error: unknown): undefined {
  if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
  throw error;
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
