import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { effect, ensureDir, removeFile, removeTree, syncDir, writeFileAtomic } from '@baton/kernel';
import type { ObjectStore } from '../object-store.ts';
import type { Leaf, Tree } from '../objects.ts';
import { askGit } from '../run-git.ts';
import { type BytePath, fromBytePath, leavesOf } from './byte-path.ts';
import { cacheTreeOf } from './cache-tree.ts';
import { entriesWithStat, looksUnchanged } from './carry-index.ts';
import { type Journal, journalDir, oldIndexPath, writeJournal } from './carry-journal.ts';
import { releaseIndexLock } from './carry-lock.ts';
import { type IndexFile, parseIndex, serializeIndex } from './index-file.ts';
import type { CheckoutDirs } from './inspect-checkout.ts';
import { moveFile, removeEmpty, removeFiles } from './move-files.ts';
import { type CarryPlan, planCarry } from './plan-carry.ts';
import { relinkSubmodule } from './submodule-links.ts';
import { asUser } from './user-git.ts';

/** A carry past its preparation: everything that it may need is on disk. */
export interface StagedCarry {
  dirs: CheckoutDirs;
  store: ObjectStore;
  journal: Journal;
  /** As it was before. */
  index: IndexFile;
  after: Tree;
  plan: CarryPlan;
  /** Whether an earlier run was killed: what it had done by then is not known exactly. */
  resumed: boolean;
}

/** Takes up a carry that was killed. */
export async function resumeCarry(dirs: CheckoutDirs, store: ObjectStore, journal: Journal): Promise<StagedCarry> {
  const index = parseIndex(readFileSync(oldIndexPath(dirs.gitDir)), store.format);
  const after = await store.readTree(journal.to);
  const leaves: ReadonlyMap<BytePath, Leaf> = leavesOf(after);
  return { dirs, store, journal, index, after, plan: planCarry(index.entries, leaves, journal.moves), resumed: true };
}

/**
 * Does a carry from the phase that its journal names. Every step can be repeated, and is only begun when all of the phase
 * before it is done: first everything leaves its place, then everything comes to its own, so that no order among the moves matters.
 */
export async function applyCarry(carry: StagedCarry): Promise<void> {
  const { dirs, plan } = carry;
  const { root } = dirs;
  let { journal } = carry;
  const enter = async (phase: Journal['phase']): Promise<void> => {
    journal = { ...journal, phase };
    await writeJournal(dirs.gitDir, journal);
  };
  if (journal.phase === 'staged') await enter('moving');
  if (journal.phase === 'moving') {
    for (const [n, { from }] of plan.moves.entries()) await moveFile(root, from, movedName(journal, n), false);
    await removeFiles(root, deletable(carry));
    await removeEmpty(root, [...plan.gitlinks.dropped, ...plan.emptied]);
    await enter('placing');
  }
  if (journal.phase === 'placing') {
    await place(carry);
    await writeIndex(carry);
    await setHead(carry);
    await enter('done');
  }
  await cleanUp(dirs, journal);
}

/** Removes what a carry made for itself, and gives the lock back. */
export async function cleanUp(dirs: CheckoutDirs, journal: Journal | undefined): Promise<void> {
  // First what a resumed run could not do without: from here on nobody takes it up again.
  await removeFile(oldIndexPath(dirs.gitDir));
  if (journal !== undefined) await removeTree(join(dirs.root, journal.staging));
  // The lock goes before the journal: without a journal nobody would know that the lock is nobody's.
  await releaseIndexLock(dirs.gitDir);
  await removeTree(journalDir(dirs.gitDir));
}

function movedName(journal: Journal, n: number): BytePath {
  return `${journal.staging}/moved/${n}`;
}

// Between the kill and this run a person may have put something at the place of a file that was removed then.
function deletable({ dirs, plan, index, resumed }: StagedCarry): readonly BytePath[] {
  if (!resumed) return plan.deletes;
  const old = new Map(index.entries.map((entry) => [entry.path, entry]));
  return plan.deletes.filter((path) => {
    const entry = old.get(path);
    return entry !== undefined && looksUnchanged(dirs.root, entry);
  });
}

async function place({ dirs, plan, index, journal }: StagedCarry): Promise<void> {
  const { root } = dirs;
  for (const [n, { to }] of plan.moves.entries()) await moveFile(root, movedName(journal, n), to, false);
  const old = new Set(plan.written.length === 0 ? [] : index.entries.map(({ path }) => path));
  for (const { path } of plan.written) await moveFile(root, `${journal.staging}/new/${path}`, path, old.has(path));
  for (const path of plan.gitlinks.made) await ensureDir(join(root, fromBytePath(path)));
  for (const { from, to } of plan.gitlinks.moved) await relinkSubmodule(root, from, to);
}

async function writeIndex({ dirs, store, plan, index, after }: StagedCarry): Promise<void> {
  const entries = entriesWithStat(dirs.root, store.format, plan.entries);
  const bytes = serializeIndex(index.version, store.format, entries, cacheTreeOf(after));
  // Not beside the index: what a kill leaves is removed with the journal.
  const waiting = join(journalDir(dirs.gitDir), 'new-index');
  await writeFileAtomic(waiting, bytes);
  await effect('rename', join(dirs.gitDir, 'index'), () => renameSync(waiting, join(dirs.gitDir, 'index')));
  await syncDir(dirs.gitDir);
}

async function setHead({ dirs, store, journal }: StagedCarry): Promise<void> {
  const { branch, commit } = await store.head();
  const message = `baton: carried from ${journal.from.slice(0, 12)}`;
  if (journal.branch !== null) {
    if (branch === journal.branch) return;
    await askGit(dirs.root, ['symbolic-ref', '-m', message, 'HEAD', journal.branch], asUser());
  } else if (branch !== undefined || commit !== journal.to) {
    await askGit(dirs.root, ['update-ref', '--no-deref', '-m', message, 'HEAD', journal.to], asUser());
  }
}
