import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, readFileLimited } from '@baton/kernel';
import type { Content, Observation, RunEnd, RunObservation, TreeChange } from '../model/observation.ts';
import { decodeEsc } from './esc-decode.ts';
import { damaged } from './esc-syntax.ts';
import {
  EMPTY,
  type GoldenManifest,
  MANIFEST,
  type ManifestRow,
  type ManifestRun,
  parseManifest,
  STREAMS,
} from './golden-manifest.ts';
import { type ChannelPlace, readChannel } from './read-channel.ts';
import { goldenTokens, readTokens } from './token-table.ts';

const MOST = 64 * 1024 * 1024; // bytes of a manifest

/** Reads and checks the manifest of a golden. Throws `GOLDEN_LFS_POINTER`, `GOLDEN_DAMAGED`. */
export async function readGoldenManifest(directory: string, id: string): Promise<GoldenManifest> {
  const where = `${id}/${MANIFEST}`;
  const bytes = await readFileLimited(join(directory, MANIFEST), MOST).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') throw damaged(where, 'is missing');
    throw error;
  });
  const manifest = parseManifest(where, bytes);
  if (manifest.scenario !== id) throw damaged(where, `is that of ${manifest.scenario}: it was copied or moved`);
  return manifest;
}

/**
 * Reads a golden back: what was observed when it was recorded, byte for byte. Large channels go to files in `spool`, or into memory
 * without one. Throws `GOLDEN_LFS_POINTER`, `GOLDEN_DAMAGED`.
 */
export async function readGolden(directory: string, id: string, spool?: string): Promise<Observation> {
  const manifest = await readGoldenManifest(directory, id);
  const place: ChannelPlace = { directory, name: id, tokens: readTokens(`${id}/${MANIFEST}`, manifest.tokens) };
  await refuseStrangers(place, manifest);
  const contents = new Map<string, Content>([[EMPTY, { kind: 'bytes', bytes: Buffer.alloc(0) }]]);
  for (const [file, record] of Object.entries(manifest.files)) {
    contents.set(file, await readChannel(place, file, record, spool));
  }
  const used = new Set<string>();
  const contentOf = (file: string): Content => {
    const content = contents.get(file);
    if (content === undefined) throw damaged(`${id}/${MANIFEST}`, `names ${file} and has no digest of it`);
    used.add(file);
    return content;
  };
  const text = (escaped: string): string =>
    decodeEsc(`${id}/${MANIFEST}`, Buffer.from(escaped), (name) => place.tokens.get(name), 'part').toString('utf8');
  const tree = (rows: readonly ManifestRow[], deleted: readonly string[] = [], rootMode?: string): TreeChange => ({
    rows: rows.map(({ path, type, mode, contents, target, change }) => ({
      path: text(path),
      type,
      mode,
      ...(contents !== undefined && { contents: contentOf(contents) }),
      ...(target !== undefined && { target: text(target) }),
      ...(change !== undefined && { change }),
    })),
    deleted: deleted.map(text),
    ...(rootMode !== undefined && { rootMode }),
  });
  const observation: Observation = {
    scenario: id,
    tier: manifest.tier,
    runs: manifest.runs.map((run) => readRun(run, `${id}/${MANIFEST}`, contentOf)),
    host: tree(manifest.host, manifest.hostDeleted, manifest.hostMode),
    container: tree(manifest.container, manifest.containerDeleted, manifest.containerMode),
    leftovers: (manifest.leftovers ?? []).map(text),
    tokens: goldenTokens(place.tokens),
  };
  const unused = Object.keys(manifest.files).find((file) => !used.has(file));
  if (unused !== undefined) throw damaged(`${id}/${MANIFEST}`, `has a digest of ${unused}, which no channel names`);
  return observation;
}

function readRun(run: ManifestRun, where: string, contentOf: (file: string) => Content): RunObservation {
  const { exit, signal, timeout, milliseconds } = run;
  const ends: RunEnd[] = [];
  if (exit !== undefined) ends.push({ kind: 'exit', code: exit });
  if (signal !== undefined) ends.push({ kind: 'signal', signal });
  if (timeout !== undefined) ends.push({ kind: 'timeout', seconds: timeout });
  const [end] = ends;
  if (end === undefined || ends.length > 1)
    throw damaged(where, 'has a run with none or several of exit, signal and timeout');
  const streams = STREAMS.flatMap((stream) => {
    const file = run[stream];
    return file === undefined ? [] : [[stream, contentOf(file)] as const];
  });
  return { end, milliseconds, ...Object.fromEntries(streams) };
}

async function refuseStrangers({ directory, name }: ChannelPlace, manifest: GoldenManifest): Promise<void> {
  const known = new Set([MANIFEST]);
  for (const [file, { blob }] of Object.entries(manifest.files))
    known.add(file).add(blob === undefined ? file : `${file}.gz`);
  const stranger = (await readdir(directory)).sort().find((file) => !known.has(file));
  if (stranger !== undefined)
    throw damaged(`${name}/${stranger}`, 'is in the directory of a golden, and its manifest does not name it');
}
