import { join } from 'node:path';
import { compareText, type Digest } from '@baton/kernel';
import type { Content, Observation, RunEnd, TreeRow } from '../model/observation.ts';
import { channelFileNames } from './channel-files.ts';
import { escapeBytes } from './esc-encode.ts';
import { damaged } from './esc-syntax.ts';
import type { FindTokens } from './find-tokens.ts';
import {
  EMPTY,
  type FileRecord,
  type GoldenManifest,
  type GoldenOrigin,
  MANIFEST,
  type ManifestRow,
  type ManifestRun,
  printManifest,
  STREAMS,
  TREES,
  type Tree,
} from './golden-manifest.ts';
import { rawDigest } from './read-channel.ts';
import { readGoldenManifest } from './read-golden.ts';
import { readTokens, type TokenTable, tokenTable } from './token-table.ts';
import { writeChannel, writeSynced } from './write-channel.ts';

/**
 * Writes a golden into an empty directory, reads it back, and holds every byte of it against what was written. Tokens are numbered in
 * the order of the channels: streams run by run, then the trees by path; so they keep their numbers in another recording.
 */
export async function writeGolden(
  directory: string,
  observation: Observation,
  origin: GoldenOrigin,
  find: FindTokens,
): Promise<void> {
  const table = tokenTable();
  const trees = {
    host: layRows('host', observation.host.rows, table, find),
    container: layRows('container', observation.container.rows, table, find),
  };
  const channels = [...streamsOf(observation), ...TREES.flatMap((tree) => filesOf(tree, trees[tree]))];
  const names = channelFileNames(channels.map(({ name }) => name));
  const files: Record<string, FileRecord> = {};
  const raws = new Map<string, Digest>();
  const references = new Map<string, string>();
  for (const { channel, name, content } of channels) {
    const nameTokens = (bytes: Buffer) => table.spans(find.inText(channel, bytes), bytes);
    const { reference, record, raw } = await writeChannel(directory, names.get(name) ?? '', content, nameTokens);
    references.set(name, reference);
    if (record === undefined) continue;
    files[reference] = record;
    raws.set(reference, raw);
  }
  const manifest = manifestOf(observation, origin, { trees, references, files, tokens: table.entries() });
  const bytes = printManifest(manifest);
  await writeSynced(join(directory, MANIFEST), bytes);
  const place = { directory, name: observation.scenario, tokens: readTokens(MANIFEST, manifest.tokens) };
  for (const [file, record] of Object.entries(files)) {
    if ((await rawDigest(place, file, record)) !== raws.get(file))
      throw damaged(file, 'does not give back what was written');
  }
  const again = await readGoldenManifest(directory, observation.scenario);
  if (!printManifest(again).equals(bytes)) throw damaged(MANIFEST, 'does not give back what was written');
}

interface Channel {
  /** As rules call it. */
  channel: string;
  /** The same with its tokens escaped: equal in every recording. */
  name: string;
  content: Content;
}

interface LaidRow extends TreeRow {
  /** With its tokens escaped. */
  escaped: string;
}

function streamsOf(observation: Observation): Channel[] {
  return observation.runs.flatMap((run, i) =>
    STREAMS.flatMap((stream): Channel[] => {
      const content = run[stream];
      const channel = `run${i + 1}/${stream}`;
      return content === undefined ? [] : [{ channel, name: channel, content }];
    }),
  );
}

function filesOf(tree: Tree, rows: readonly LaidRow[]): Channel[] {
  return rows.flatMap(({ path, escaped, contents }) =>
    contents === undefined ? [] : [{ channel: `${tree}:${path}`, name: `${tree}:${escaped}`, content: contents }],
  );
}

// By the path without its tokens first, so that two recordings have their files in the same order.
function layRows(tree: Tree, rows: readonly TreeRow[], table: TokenTable, find: FindTokens): LaidRow[] {
  const keyed = rows.map((row) => {
    const path = Buffer.from(row.path);
    // What was laid out has its name from the scenario, and keeps it.
    const spans = row.change === undefined ? find.inPath(`${tree}:${row.path}`, path) : [];
    const parts = spans.map(({ start }, i) => path.subarray(spans[i - 1]?.end ?? 0, start));
    return { row, path, spans, key: Buffer.concat([...parts, path.subarray(spans.at(-1)?.end ?? 0)]) };
  });
  keyed.sort((one, other) => Buffer.compare(one.key, other.key) || Buffer.compare(one.path, other.path));
  return keyed.map(({ row, path, spans }) => ({ ...row, escaped: escapeBytes(path, table.spans(spans, path)) }));
}

interface Laid {
  trees: Readonly<Record<Tree, readonly LaidRow[]>>;
  /** File names by the names of channels. */
  references: ReadonlyMap<string, string>;
  files: Record<string, FileRecord>;
  tokens: Record<string, string>;
}

function manifestOf(observation: Observation, origin: GoldenOrigin, laid: Laid): GoldenManifest {
  const { trees, references, files, tokens } = laid;
  const { host, container, leftovers } = observation;
  const plain = (text: string): string => escapeBytes(Buffer.from(text));
  const rows = (tree: Tree): ManifestRow[] =>
    trees[tree].map(({ escaped, type, mode, contents, target, change }) => ({
      path: escaped,
      type,
      mode,
      ...(contents !== undefined && { contents: references.get(`${tree}:${escaped}`) ?? EMPTY }),
      ...(target !== undefined && { target: plain(target) }),
      ...(change !== undefined && { change }),
    }));
  const runs = observation.runs.map((run, i): ManifestRun => {
    const streams = STREAMS.flatMap((stream) =>
      run[stream] === undefined ? [] : [[stream, references.get(`run${i + 1}/${stream}`) ?? EMPTY] as const],
    );
    return { ...endOf(run.end), milliseconds: Math.round(run.milliseconds), ...Object.fromEntries(streams) };
  });
  return {
    version: 1,
    scenario: observation.scenario,
    tier: observation.tier,
    origin,
    runs,
    host: rows('host'),
    ...(host.deleted.length > 0 && { hostDeleted: [...host.deleted].map(plain).sort(compareText) }),
    ...(host.rootMode !== undefined && { hostMode: host.rootMode }),
    container: rows('container'),
    ...(container.deleted.length > 0 && { containerDeleted: [...container.deleted].map(plain).sort(compareText) }),
    ...(container.rootMode !== undefined && { containerMode: container.rootMode }),
    ...(leftovers.length > 0 && { leftovers: leftovers.map(plain) }),
    tokens,
    files,
  };
}

function endOf(end: RunEnd): Pick<ManifestRun, 'exit' | 'signal' | 'timeout'> {
  if (end.kind === 'exit') return { exit: end.code };
  return end.kind === 'signal' ? { signal: end.signal } : { timeout: end.seconds };
}
