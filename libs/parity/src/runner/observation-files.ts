import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BatonError, effect, ensureDir, prettyJson, sha256, shortDigest } from '@baton/kernel';
import type { Content, Observation, RunObservation, TreeChange } from '../model/observation.ts';
import { fromPlain, toPlain } from './buffer-json.ts';

const LIST = 'observation.json';
const STREAMS = ['stdout', 'stderr', 'merged'] as const;

/**
 * Writes an observation into a directory that is empty or absent: `observation.json`, and each channel as a file of its own
 * (`run1/stdout`, `host/etc/x`), so that people can look at it with their own tools. Contents that are in files are copied.
 */
export async function writeObservation(directory: string, observation: Observation): Promise<void> {
  const keep = async (name: string, content: Content): Promise<Content> => {
    if (content.kind === 'elided') return content;
    const path = join(directory, name);
    await ensureDir(dirname(path));
    if (content.kind === 'file') {
      await effect('write', path, () => copyFile(content.path, path));
      return { kind: 'file', path: name, size: content.size };
    }
    await effect('write', path, () => writeFile(path, content.bytes));
    return { kind: 'file', path: name, size: content.bytes.length };
  };
  const kept = await mapContents(observation, keep);
  await ensureDir(directory);
  const list = join(directory, LIST);
  await effect('write', list, () => writeFile(list, prettyJson(toPlain(kept))));
}

/** Reads what {@link writeObservation} wrote; contents stay in their files. An absent or foreign one is `EVIDENCE_MISSING`. */
export async function readObservation(directory: string): Promise<Observation> {
  const text = await readFile(join(directory, LIST), 'utf8').catch((error: unknown) => {
    throw new BatonError('EVIDENCE_MISSING', `no observation is kept in ${directory}`, {
      hint: 'A run keeps those of scenarios that diverged: baton parity run',
      cause: error,
    });
  });
  const { tokens, ...rest } = fromPlain(JSON.parse(text)) as Observation & { tokens?: unknown };
  const found = await mapContents(rest, async (_name, content) =>
    content.kind === 'file' ? { ...content, path: join(directory, content.path) } : content,
  );
  return Array.isArray(tokens) ? { ...found, tokens: new Map(tokens) } : found;
}

/** An observation with each of its contents replaced; the name is the path of its file in an evidence directory. */
export async function mapContents(
  observation: Observation,
  replace: (name: string, content: Content) => Promise<Content>,
): Promise<Observation> {
  const runs: RunObservation[] = [];
  for (const [i, run] of observation.runs.entries()) {
    const copy = { ...run };
    for (const stream of STREAMS) {
      const content = run[stream];
      if (content !== undefined) copy[stream] = await replace(`run${i + 1}/${stream}`, content);
    }
    runs.push(copy);
  }
  const tree = async (name: string, change: TreeChange): Promise<TreeChange> => {
    const rows = [];
    for (const row of change.rows) {
      const contents = row.contents && (await replace(`${name}${safePath(row.path)}`, row.contents));
      rows.push(contents === undefined ? row : { ...row, contents });
    }
    return { ...change, rows };
  };
  const host = await tree('host', observation.host);
  return { ...observation, runs, host, container: await tree('container', observation.container) };
}

// Paths are absolute and come from a tree; a `..` in them would be somebody's attack. A name that is too long in its escaped form
// (for the file system the limit is 255 bytes) is replaced by its digest.
function safePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.includes('..')) {
    throw new BatonError('EVIDENCE_INVALID', `an observation holds the path ${path}, which leads out of its tree`);
  }
  return parts
    .map((part) => `/${Buffer.byteLength(part) > 255 ? shortDigest(sha256(Buffer.from(part))) : part}`)
    .join('');
}
