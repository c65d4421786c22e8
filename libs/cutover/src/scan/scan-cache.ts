import { join } from 'node:path';
import type { ObjectId } from '@baton/git';
import { BatonError, errnoOf, readFileLimited, sha256, sweepTemporaries, writeFileAtomic } from '@baton/kernel';

/**
 * What one scan knows of blobs. It depends on their bytes and on the scan's rule alone, so it is right for ever: a second run
 * over the same blobs reads nothing of the repository.
 */
export interface ScanCache<T> {
  /** What was found in a blob, `null` for nothing; undefined when the blob was never looked at. */
  get(id: ObjectId): T | null | undefined;
  set(id: ObjectId, found: T | null): void;
  /** Nothing was found in any of these; the set is the cache's from now on. */
  setNothing(ids: Set<ObjectId>): void;
  /** What was kept of a whole tree, so that the same tree is not even walked again. */
  recall(tree: string): TreeMemory | undefined;
  memorize(tree: string, memory: TreeMemory): void;
  /** Writes what is new, atomically; without a directory, or with nothing new, it does nothing. */
  save(): Promise<void>;
}

/** What a scan saw of a whole tree. */
export interface TreeMemory {
  /** Different blobs looked at. */
  blobs: number;
  /** Files in whose blobs something was found, in the tree's order. */
  files: readonly (readonly [path: string, id: ObjectId])[];
  /** Globs that chose no file. */
  idle: readonly string[];
}

// More is not worth keeping: it would be slower to read than what it saves.
const LARGEST = 256 * 1024 * 1024;
// Dry run, apply, verify and a few bases: more trees are seldom looked at in turn.
const MOST_TREES = 8;

/**
 * Opens the cache of one rule: one file, read whole. Its first line is the sha256 of the rest; then come the trees that were seen
 * last, the blobs with nothing on one line, and one line of JSON for each other blob. A file that is damaged, or of another form,
 * counts as absent.
 *
 * @param rule what the scan looks for and the version of its code, as text: another rule has another file
 */
export async function openScanCache<T>(directory: string | undefined, rule: string): Promise<ScanCache<T>> {
  const path = directory === undefined ? undefined : join(directory, 'scans', `${sha256(rule).slice(7, 39)}.txt`);
  const kept = path === undefined ? undefined : await read<T>(path);
  const trees = kept?.trees ?? new Map<string, TreeMemory>();
  const something = kept?.something ?? new Map<ObjectId, T>();
  // Only made when a tree is new: it costs more than everything else.
  let nothing: Set<ObjectId> | undefined;
  const clean = (): Set<ObjectId> => (nothing ??= new Set(kept?.nothing.split(' ')));
  const isNew = kept === undefined;
  let changed = false;
  return {
    get: (id) => something.get(id) ?? (clean().has(id) ? null : undefined),
    setNothing(ids) {
      changed = true;
      // Hundreds of thousands at the first scan: taken over, not copied.
      if (isNew && (nothing === undefined || nothing.size === 0)) nothing = ids;
      else for (const id of ids) clean().add(id);
    },
    set(id, found) {
      changed = true;
      if (found === null) clean().add(id);
      else something.set(id, found);
    },
    recall: (tree) => trees.get(tree),
    memorize(tree, memory) {
      changed = true;
      trees.delete(tree);
      trees.set(tree, memory);
      for (const oldest of [...trees.keys()].slice(0, -MOST_TREES)) trees.delete(oldest);
    },
    async save() {
      if (path === undefined || !changed) return;
      const lines = [JSON.stringify([...trees]), [...clean()].join(' ')];
      for (const [id, found] of something) lines.push(`${id} ${JSON.stringify(found)}`);
      const body = lines.join('\n');
      await sweepTemporaries(join(path, '..'));
      await writeFileAtomic(path, Buffer.from(`${sha256(body)}\n${body}`));
      changed = false;
    },
  };
}

interface Kept<T> {
  trees: Map<string, TreeMemory>;
  nothing: string;
  something: Map<ObjectId, T>;
}

async function read<T>(path: string): Promise<Kept<T> | undefined> {
  const bytes = await readFileLimited(path, LARGEST).catch((error: unknown) => {
    if (error instanceof BatonError || errnoOf(error) !== undefined) return undefined;
    throw error;
  });
  const end = bytes?.indexOf('\n') ?? -1;
  if (bytes === undefined || end === -1) return undefined;
  const body = bytes.subarray(end + 1);
  if (sha256(body) !== bytes.toString('latin1', 0, end)) return undefined;
  const second = body.indexOf('\n');
  const third = body.indexOf('\n', second + 1);
  const something = new Map<ObjectId, T>();
  for (const line of third === -1 ? [] : body.toString('utf8', third + 1).split('\n')) {
    const space = line.indexOf(' ');
    something.set(line.slice(0, space), JSON.parse(line.slice(space + 1)) as T);
  }
  const trees = new Map(JSON.parse(body.toString('utf8', 0, second)) as [string, TreeMemory][]);
  return { trees, nothing: body.toString('latin1', second + 1, third === -1 ? body.byteLength : third), something };
}
