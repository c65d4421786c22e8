import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BatonError, type Digest, digestHex, errnoOf, formatBytes, writeFileAtomic } from '@baton/kernel';
import { type Descriptor, openLayer, readTar } from '@baton/oci';
import { type DebianPackage, installedPackages, osRelease } from './dpkg-database.ts';

/** What one layer says about packages: what it writes, and what it takes away from the layers below. */
export interface LayerFacts {
  /** The files of dpkg's database that it has, by path, with the packages that each lists. */
  databases: Record<string, DebianPackage[]>;
  /** os-release files by path. */
  systems: Record<string, { id?: string; version?: string }>;
  /** Paths that are no longer there, with everything below them. */
  gone: string[];
  /** Why it could not be read: then nothing is known. */
  unreadable?: string;
}

const STATUS = 'var/lib/dpkg/status';
const STATUS_PARTS = 'var/lib/dpkg/status.d';
const SYSTEMS = ['usr/lib/os-release', 'etc/os-release'];
const WATCHED = [STATUS, STATUS_PARTS, ...SYSTEMS];
/** Bytes that one file of the database may have. */
const FILE_LIMIT = 64 * 1024 * 1024;
/** Raised when other facts are read from the same layer. */
const FORMAT = 1;

/** Whether a layer whose files are all at or below `path` can change what is known of packages. */
export function mayHoldPackages(path: string): boolean {
  const target = path.replace(/^\/+|\/+$/g, '');
  return WATCHED.some((watched) => isAtOrBelow(watched, target) || isAtOrBelow(target, watched));
}

/** Where facts of a layer are kept: the same bytes have the same facts, so a layer is read once. */
export function factsPath(cacheDir: string, digest: Digest): string {
  return join(cacheDir, 'v1', 'packages', `${digestHex(digest)}.json`);
}

/**
 * What a layer says about packages. It is read to its end the first time, and from the cache afterwards.
 *
 * A layer that is broken, or of a kind that cannot be read here, is not an error: its facts say why nothing is known.
 * Errors: what `open` throws when the bytes cannot be had.
 */
export async function layerFacts(
  layer: Descriptor,
  open: () => AsyncIterable<Uint8Array>,
  cacheDir: string,
): Promise<LayerFacts> {
  const path = factsPath(cacheDir, layer.digest);
  const known = await remembered(path);
  if (known !== undefined) return known;
  const facts = await readFacts(layer, open).catch(async (error: unknown) => await unreadable(error, open));
  // What this Node cannot unpack, another one can.
  if (facts.later !== true) await writeFileAtomic(path, JSON.stringify({ format: FORMAT, facts }));
  return facts;
}

async function unreadable(
  error: unknown,
  open: () => AsyncIterable<Uint8Array>,
): Promise<LayerFacts & { later?: boolean }> {
  const known =
    error instanceof BatonError && ['LAYER_INVALID', 'IMAGE_INVALID', 'DRIVER_UNSUPPORTED'].includes(error.code);
  if (!known) throw error;
  // Bytes that were damaged on the way are no fact about the layer: read to the end, they are found out.
  for await (const _ of open());
  const facts = { databases: {}, systems: {}, gone: [], unreadable: error.message };
  return error.code === 'DRIVER_UNSUPPORTED' ? { ...facts, later: true } : facts;
}

async function readFacts(
  layer: Descriptor,
  open: () => AsyncIterable<Uint8Array>,
): Promise<LayerFacts & { later?: boolean }> {
  const where = `layer ${layer.digest}`;
  const facts: LayerFacts = { databases: {}, systems: {}, gone: [] };
  for await (const { header, body } of readTar(openLayer(open(), layer.mediaType, where), where)) {
    const { path, type } = header;
    const removed = removedBy(path);
    if (removed !== undefined) {
      if (WATCHED.some((watched) => isAtOrBelow(watched, removed) || isAtOrBelow(removed, watched)))
        facts.gone.push(removed);
    } else if (type === 'file' && isDatabase(path)) {
      facts.databases[path] = installedPackages(await textOf(body, path, where));
    } else if (type === 'file' && SYSTEMS.includes(path)) {
      facts.systems[path] = osRelease(await textOf(body, path, where));
    } else if (type !== 'directory' && WATCHED.some((watched) => isAtOrBelow(watched, path))) {
      // A file, link or device in the place of a directory hides what the layers below have there.
      facts.gone.push(path);
    }
  }
  return facts;
}

function isDatabase(path: string): boolean {
  if (path === STATUS) return true;
  const name = path.startsWith(`${STATUS_PARTS}/`) ? path.slice(STATUS_PARTS.length + 1) : '';
  return name !== '' && !name.includes('/') && !name.endsWith('.md5sums') && !name.endsWith('.list');
}

// OCI image specification, "Whiteouts"; an opaque directory stands for all that was below it.
function removedBy(path: string): string | undefined {
  const slash = path.lastIndexOf('/') + 1;
  const name = path.slice(slash);
  if (!name.startsWith('.wh.')) return undefined;
  return name === '.wh..wh..opq' ? path.slice(0, Math.max(0, slash - 1)) : `${path.slice(0, slash)}${name.slice(4)}`;
}

/** The packages of an image, layer by layer: each with the number of the layer that brought it in this version. */
export function packagesOf(layers: readonly (LayerFacts | undefined)[]): {
  packages: { item: DebianPackage; layer: number }[];
  os: { id?: string; version?: string };
} {
  const files = new Map<string, DebianPackage[]>();
  const systems = new Map<string, { id?: string; version?: string }>();
  const brought = new Map<string, number>();
  for (const [number, facts] of layers.entries()) {
    if (facts === undefined) continue;
    for (const gone of facts.gone) {
      for (const map of [files, systems]) for (const path of map.keys()) if (isAtOrBelow(path, gone)) map.delete(path);
    }
    for (const [path, packages] of Object.entries(facts.databases)) files.set(path, packages);
    for (const [path, system] of Object.entries(facts.systems)) systems.set(path, system);
    const here = new Set([...files.values()].flat().map(identity));
    for (const id of brought.keys()) if (!here.has(id)) brought.delete(id);
    for (const id of here) if (!brought.has(id)) brought.set(id, number);
  }
  const once = new Map([...files.values()].flat().map((item) => [identity(item), item]));
  return {
    packages: [...once].map(([id, item]) => ({ item, layer: brought.get(id) ?? 0 })),
    os: SYSTEMS.map((path) => systems.get(path)).find((system) => system?.id !== undefined) ?? {},
  };
}

function identity({ name, version, architecture }: DebianPackage): string {
  return `${name} ${version} ${architecture}`;
}

function isAtOrBelow(path: string, parent: string): boolean {
  return parent === '' || path === parent || path.startsWith(`${parent}/`);
}

async function textOf(body: AsyncIterable<Buffer>, path: string, where: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > FILE_LIMIT) {
      throw new BatonError('LAYER_INVALID', `${where}: "${path}" has more than ${formatBytes(FILE_LIMIT)}`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function remembered(path: string): Promise<LayerFacts | undefined> {
  try {
    const memo = JSON.parse(await readFile(path, 'utf8')) as { format: number; facts: LayerFacts };
    return memo.format === FORMAT ? memo.facts : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) !== undefined) return undefined;
    throw error;
  }
}
