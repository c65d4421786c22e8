import { join, relative, sep } from 'node:path';
import { canonicalJson, compareText, type Digest, digestHex, Hasher } from '@baton/kernel';
import type { FilesLayer } from '@baton/manifest';
import type { Platform, TarEntry } from '@baton/oci';
import pLimit from 'p-limit';
import { directoryMode, fileMode, type Placement, parentEntries, placementOf } from '../placement.ts';
import type { ProjectPlace, ResolvedLayer, SourceIo } from '../resolved-layer.ts';
import { type FileContent, hashFile, streamFile } from './file-content.ts';
import { openSource } from './file-source.ts';
import { type SourceEntry, type Walk, walkSource } from './file-walk.ts';

/** Small files are read once and kept until the tar is written: up to 4 MiB each and 32 MiB in all. */
const KEEP_EACH = 4 * 1024 * 1024;
const KEEP_ALL = 32 * 1024 * 1024;
/** Files that are hashed at once. */
const AT_ONCE = 8;

/** Tells for tracked files whether git's index has them as executable; files it does not know are absent. */
export type Executables = (paths: string[]) => Promise<Map<string, boolean>>;

/**
 * Decides a layer of files of the repository: what it holds, with which owners and permissions, and the hash of all.
 *
 * Permissions come from the manifest, else from git's index, else from the file's own executable bit; never from the
 * umask. Files are read (and hashed) here, and read again only when they are too large to be kept.
 *
 * Errors: those of {@link openSource}, {@link walkSource} and {@link hashFile}.
 */
export async function resolveFilesLayer(
  project: ProjectPlace,
  layer: FilesLayer,
  _platform: Platform,
  io: SourceIo,
  executables: Executables,
): Promise<ResolvedLayer> {
  const place = placementOf(layer);
  const { source, root } = await openSource(project, layer.from);
  const walk = await list(layer, source, [project.root, root], io);
  const tracked = await executables([source.absolute]);
  const planned = plan(walk.entries, place, io.epoch, tracked, layer.from);
  const contents = await readAll(planned, io);
  const key = keyOf(planned, contents, io.epoch);
  return {
    title: `files ${layer.from} -> ${layer.to}`,
    key,
    entries: () => entriesOf(planned, contents, place, io),
    compression: layer.compression,
    materials: [{ name: nameInRepository(project, layer.from), digest: { sha256: digestHex(key) }, role: 'files' }],
    stampInputs: [...new Set([join(project.dir, layer.from), ...walk.directories, ...planned.map((p) => p.absolute)])],
    notes: [],
  };
}

/** An entry of the tar with the file it comes from. */
interface Planned {
  absolute: string;
  name: string;
  header: TarEntry;
}

async function list(layer: FilesLayer, source: SourceEntry, hostRoots: string[], io: SourceIo): Promise<Walk> {
  if (source.type === 'file') return { entries: [source], directories: [] };
  return await walkSource(source.absolute, {
    include: layer.include,
    exclude: layer.exclude,
    name: layer.from,
    hostRoots,
    signal: io.signal,
  });
}

function plan(
  entries: readonly SourceEntry[],
  place: Placement,
  epoch: number,
  tracked: ReadonlyMap<string, boolean>,
  from: string,
): Planned[] {
  const planned: Planned[] = [];
  for (const entry of entries) {
    const path = targetPath(entry, place);
    if (path === '') continue;
    const mode =
      entry.type === 'symlink'
        ? 0o777
        : entry.type === 'directory'
          ? directoryMode(place)
          : fileMode(place, tracked.get(entry.absolute) ?? entry.executable);
    planned.push({
      absolute: entry.absolute,
      name: entry.path === '' ? from : `${from}/${entry.path}`,
      header: {
        path,
        type: entry.type,
        mode,
        uid: place.uid,
        gid: place.gid,
        mtime: epoch,
        size: entry.size,
        ...(entry.link === undefined ? {} : { linkTarget: entry.link }),
      },
    });
  }
  return planned.sort((a, b) => compareText(a.header.path, b.header.path));
}

function targetPath(entry: SourceEntry, place: Placement): string {
  const name = entry.type === 'file' && entry.path === '' && (place.into || place.target === '');
  const below = name ? entry.absolute.slice(entry.absolute.lastIndexOf(sep) + 1) : entry.path;
  return [place.target, below].filter((part) => part !== '').join('/');
}

async function readAll(planned: readonly Planned[], io: SourceIo): Promise<Map<Planned, FileContent>> {
  const contents = new Map<Planned, FileContent>();
  const limit = pLimit(AT_ONCE);
  let budget = KEEP_ALL;
  const files = planned.filter(({ header }) => header.type === 'file');
  const reading = Promise.all(
    files.map((file) => {
      const keep = file.header.size <= KEEP_EACH && file.header.size <= budget;
      if (keep) budget -= file.header.size;
      return limit(async () => {
        const options = { keep, emit: io.emit, signal: io.signal };
        contents.set(file, await hashFile({ ...file, size: file.header.size }, options));
      });
    }),
  );
  await reading.catch((error: unknown) => {
    limit.clearQueue();
    throw error;
  });
  return contents;
}

function keyOf(planned: readonly Planned[], contents: ReadonlyMap<Planned, FileContent>, epoch: number): Digest {
  const hasher = new Hasher().update(canonicalJson({ source: 'files', form: 1, epoch }));
  for (const item of planned) {
    const { path, type, mode, uid, gid, linkTarget } = item.header;
    const content = contents.get(item)?.digest;
    hasher.update(canonicalJson({ path, type, mode, uid, gid, linkTarget, content }));
  }
  return hasher.digest();
}

function* entriesOf(
  planned: readonly Planned[],
  contents: ReadonlyMap<Planned, FileContent>,
  place: Placement,
  io: SourceIo,
): Generator<TarEntry> {
  yield* parentEntries(planned[0]?.header.path ?? place.target, io.epoch);
  for (const item of planned) {
    const content = contents.get(item);
    if (content === undefined) yield item.header;
    else yield { ...item.header, content: content.bytes ?? streamOf(item, content.digest, io.signal) };
  }
}

function streamOf(item: Planned, digest: Digest, signal: AbortSignal | undefined): () => AsyncIterable<Buffer> {
  return () => streamFile({ ...item, size: item.header.size }, digest, signal);
}

function nameInRepository(project: ProjectPlace, from: string): string {
  return relative(project.root, join(project.dir, from)).split(sep).join('/') || '.';
}
