import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { BatonError, ensureDir, writeFileAtomic } from '@baton/kernel';
import type { Leaf, ObjectFormat } from '../objects.ts';
import { askGit } from '../run-git.ts';
import { type BytePath, fileAt, fromBytePath } from './byte-path.ts';
import { journalDir } from './carry-journal.ts';
import { idBytes, type NewEntry, STAT_BYTES, serializeIndex } from './index-file.ts';
import { asUser } from './user-git.ts';

/** What to write, and where. */
export interface StageInput {
  gitDir: string;
  format: ObjectFormat;
  /** An empty directory; files come below it under their own paths. */
  into: string;
  written: readonly { path: BytePath; leaf: Leaf }[];
  /** All of the new commit: `.gitattributes` in it decide how files are written. */
  after: ReadonlyMap<BytePath, Leaf>;
  signal?: AbortSignal | undefined;
}

/**
 * Has git write files, with line endings, filters, links and modes as the checkout wants them, beside the work tree: whatever
 * goes wrong with that (a filter that fails, a full disk) goes wrong before anything has moved.
 */
export async function stageFiles(input: StageInput): Promise<void> {
  const { gitDir, into, written, after, format } = input;
  await ensureDir(into);
  if (written.length === 0) return;
  const listed = new Map(written.map(({ path, leaf }) => [path, leaf]));
  // The work tree of this git is empty, so it finds attributes in its index: those of the new commit, at their new places.
  for (const [path, leaf] of after) if (/(^|\/)\.gitattributes$/.test(path)) listed.set(path, leaf);
  const index = join(journalDir(gitDir), 'stage-index');
  const entries = [...listed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, leaf]) => blank(path, leaf, format));
  await writeFileAtomic(index, serializeIndex(2, format, entries, undefined));
  await askGit(
    into,
    ['checkout-index', '--force', '-z', '--stdin'],
    asUser({
      env: { GIT_DIR: gitDir, GIT_WORK_TREE: into, GIT_INDEX_FILE: index },
      stdin: Buffer.from(written.map(({ path }) => `${path}\0`).join(''), 'latin1'),
      timeout: 0,
      signal: input.signal,
    }),
  );
  for (const { path } of written) {
    if (lstatSync(fileAt(into, path), { throwIfNoEntry: false }) !== undefined) continue;
    throw new BatonError('GIT_FAILED', `git did not write ${fromBytePath(path)}`, {
      hint: 'A filter of the repository may put it off: look at its configuration (filter.*).',
    });
  }
}

function blank(path: BytePath, leaf: Leaf, format: ObjectFormat): NewEntry {
  const source = Buffer.alloc(STAT_BYTES + idBytes(format));
  source.writeUInt32BE(Number.parseInt(leaf.mode, 8), 24);
  source.write(leaf.id, STAT_BYTES, 'hex');
  return { path, source, at: 0, flags: 0, extended: 0 };
}
