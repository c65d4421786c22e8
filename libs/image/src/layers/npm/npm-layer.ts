import { createReadStream } from 'node:fs';
import { BatonError, canonicalJson, nearest, sha256 } from '@baton/kernel';
import type { NpmLayer } from '@baton/manifest';
import { MEDIA_TYPES, openLayer, type Platform, readTar, sortEntries, type TarEntry, type TarHeader } from '@baton/oci';
import type { LockFile } from '../../lock-file.ts';
import { type Selection, select } from '../files/glob.ts';
import { directoryMode, fileMode, type Placement, parentEntries, placementOf } from '../placement.ts';
import type { ProjectPlace, ResolvedLayer, SourceIo } from '../resolved-layer.ts';
import { openSpool, type Spool, type Spooled } from '../spool.ts';
import { archivePath, fetchNpm, integrityHex, knownIntegrity } from './npm-fetch.ts';
import type { NpmSpec } from './npm-run.ts';

/**
 * Decides a layer of files of an npm package by the integrity of its archive. With the integrity in the lock nothing is
 * fetched here; without it the registry is asked once, and a note says that the package is not pinned.
 *
 * Errors: `LOCK_MISSING` (locked, and no entry), those of {@link fetchNpm}; while the entries are read `LAYER_INVALID`
 * and `LAYER_SOURCE_MISSING` (the package has no such file).
 */
export async function resolveNpmLayer(
  project: ProjectPlace,
  lock: LockFile,
  layer: NpmLayer,
  _platform: Platform,
  io: SourceIo,
): Promise<ResolvedLayer> {
  const id = `${layer.npm}@${layer.version}`;
  const spec: NpmSpec = { name: layer.npm, version: layer.version, dir: project.dir };
  const locked = lock.npm[id]?.integrity;
  if (locked === undefined && io.locked) {
    throw new BatonError('LOCK_MISSING', `image.lock.json has no entry for the npm package ${id}`, {
      hint: 'Run "baton image lock" and commit the file.',
    });
  }
  const integrity =
    locked ?? (await knownIntegrity(spec, io.cacheDir)) ?? (await fetchNpm(spec, undefined, io)).integrity;
  const { from, to, owner, mode, include, exclude } = layer;
  return {
    title: `npm ${id}${from === '.' ? '' : ` ${from}`} -> ${to}`,
    key: sha256(
      canonicalJson({ source: 'npm', form: 1, integrity, from, to, owner, mode, include, exclude, epoch: io.epoch }),
    ),
    entries: () => entriesOf(spec, integrity, layer, io),
    compression: layer.compression,
    materials: [{ name: `npm:${id}`, digest: { sha512: integrityHex(integrity) }, role: 'npm' }],
    stampInputs: [],
    notes: locked === undefined ? [`npm package ${id} is not pinned: "baton image lock" records ${integrity}`] : [],
  };
}

async function* entriesOf(spec: NpmSpec, integrity: string, layer: NpmLayer, io: SourceIo): AsyncGenerator<TarEntry> {
  const archive = await fetchNpm(spec, integrity, io);
  const where = `npm package ${spec.name}@${spec.version}`;
  const place = placementOf(layer);
  const spool = await openSpool(archivePath(io.cacheDir, integrity));
  const many: { entry: TarEntry; part: Spooled }[] = [];
  const all: string[] = [];
  const selection = select(layer.include, layer.exclude);
  const pick = chooser(layer.from, selection);
  let single = false;
  try {
    const bytes = createReadStream(archive.path, { highWaterMark: 1024 * 1024, signal: io.signal });
    for await (const { header, body } of readTar(openLayer(bytes, MEDIA_TYPES.layerGzip, where), where)) {
      const path = inPackage(header);
      if (header.type === 'directory') continue;
      all.push(path);
      const below = pick(path);
      if (below === undefined) continue;
      if (header.type !== 'file') throw invalid(where, `a ${header.type}, "${path}": npm packages hold files only`);
      if (single || (below === '' && many.length > 0)) throw invalid(where, `"${path}" more than once`);
      const entry = entryOf(header, below, path, place, io.epoch);
      if (below !== '') {
        many.push({ entry, part: await spool.add(body) });
        continue;
      }
      // One file needs no sorting: it passes through while the archive is read.
      single = true;
      yield* parentEntries(entry.path, io.epoch);
      yield { ...entry, content: () => body };
    }
    const idle = single ? undefined : selection.idle();
    if (!single && (many.length === 0 || idle !== undefined)) throw missing(where, layer, idle, all);
    if (!single) yield* sorted(many, place, spool, io.epoch, where);
  } finally {
    await spool.close();
  }
}

// npm drops the first part of every path, whatever its name; most archives say "package".
function inPackage(header: TarHeader): string {
  return header.path.slice(header.path.indexOf('/') + 1);
}

/** Tells how a path of the package is named below `from`: '' is `from` itself, undefined is not wanted. */
function chooser(wanted: string, selection: Selection): (path: string) => string | undefined {
  const from = wanted
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
  return (path) => {
    if (path === from) return '';
    if (from !== '' && !path.startsWith(`${from}/`)) return undefined;
    const below = from === '' ? path : path.slice(from.length + 1);
    return !selection.excludes(below) && selection.includes(below) ? below : undefined;
  };
}

function entryOf(header: TarHeader, below: string, path: string, place: Placement, epoch: number): TarEntry {
  const name = below === '' && (place.into || place.target === '') ? path.slice(path.lastIndexOf('/') + 1) : below;
  return {
    path: [place.target, name].filter((part) => part !== '').join('/'),
    type: 'file',
    mode: fileMode(place, (header.mode & 0o100) !== 0),
    uid: place.uid,
    gid: place.gid,
    mtime: epoch,
    size: header.size,
  };
}

function* sorted(
  many: readonly { entry: TarEntry; part: Spooled }[],
  place: Placement,
  spool: Spool,
  epoch: number,
  where: string,
): Generator<TarEntry> {
  const own = {
    type: 'directory',
    mode: directoryMode(place),
    uid: place.uid,
    gid: place.gid,
    mtime: epoch,
    size: 0,
  } as const;
  const directories = new Map<string, TarEntry>();
  for (const { path } of parentEntries(`${place.target}/x`, epoch)) {
    if (path !== '')
      directories.set(path, { path, ...own, ...(path === place.target ? {} : { mode: 0o755, uid: 0, gid: 0 }) });
  }
  const files = new Map<string, TarEntry>();
  for (const { entry, part } of many) {
    if (files.has(entry.path)) throw invalid(where, `"${entry.path}" more than once`);
    files.set(entry.path, { ...entry, content: () => spool.read(part) });
    for (const { path } of parentEntries(entry.path, epoch)) {
      if (!directories.has(path)) directories.set(path, { path, ...own });
    }
  }
  yield* sortEntries([...directories.values(), ...files.values()]);
}

function invalid(where: string, what: string): BatonError {
  return new BatonError('LAYER_INVALID', `${where} holds ${what}`);
}

function missing(where: string, layer: NpmLayer, idle: string | undefined, all: readonly string[]): BatonError {
  const from = layer.from === '.' ? '' : layer.from;
  const lacks =
    idle !== undefined && (from === '' || all.some((path) => `${path}/`.startsWith(`${from}/`)))
      ? `nothing that include "${idle}" matches`
      : `no ${from === '' ? 'file' : from}${layer.exclude === undefined ? '' : ' that `exclude` leaves'}`;
  const close = idle === undefined ? nearest(from, all) : undefined;
  return new BatonError('LAYER_SOURCE_MISSING', `${where} has ${lacks}`, {
    hint:
      close === undefined
        ? `It holds ${all.slice(0, 8).join(', ')}${all.length > 8 ? ', ...' : ''}.`
        : `Did you mean ${close}?`,
  });
}
