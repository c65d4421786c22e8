import { randomBytes } from 'node:crypto';
import { existsSync, linkSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatonError,
  effect,
  ensureDir,
  sweepTemporaries,
  toBatonError,
  withLock,
  writeFileAtomic,
} from '@baton/kernel';
import type { ObjectStore } from '../object-store.ts';
import { openObjectStore } from '../open-object-store.ts';
import { applyCarry, cleanUp, resumeCarry, type StagedCarry } from './apply-carry.ts';
import type { CarryInput, CarryResult } from './carry.ts';
import { type Journal, journalDir, oldIndexPath, readJournal, writeJournal } from './carry-journal.ts';
import { lockState, takeIndexLock } from './carry-lock.ts';
import { type ExaminedCarry, examineCarry, noWorkTree } from './examine-carry.ts';
import { type CheckoutDirs, checkoutDirs } from './inspect-checkout.ts';
import { stageFiles } from './stage-files.ts';

/**
 * Checks that {@link carryCheckout} could do its work; nothing changes.
 *
 * @throws BatonError the refusals of {@link carryCheckout}
 */
export async function checkCarry(input: CarryInput): Promise<void> {
  await withCheckout(input.dir, (dirs, store) => examineCarry(dirs, store, input));
}

/**
 * Brings a clean checkout from one commit to another by renaming directories and carrying the entries of the index with their
 * stat data, so that git need not read unchanged files again; then HEAD. A file that nobody tracks is never moved, replaced or
 * deleted. A run that was killed is finished by the next one (or by {@link finishCarry}); a checkout that is there already stays as it is.
 *
 * @throws BatonError before anything changes: `REPOSITORY_DIRTY` (changed, staged or unmerged files), `REPOSITORY_BUSY` (a merge
 * or such is under way, or `index.lock` is there), `UNTRACKED_IN_WAY` (lists all), `REF_MOVED`, `DISK_FULL`, `GIT_FAILED`. Later:
 * whatever the system refused; the next run goes on from there
 */
export async function carryCheckout(input: CarryInput): Promise<CarryResult> {
  return await locked(input.dir, async (dirs, store) => {
    const finished = await finish(dirs, store);
    if (finished?.to === input.to && finished.from === input.from) return finished;
    return await carry(dirs, store, input);
  });
}

/**
 * Finishes a carry that was killed: completes it when the branch had moved already, else puts everything back as it was.
 * Undefined when there is nothing to finish, or it was put back.
 */
export async function finishCarry(dir: string): Promise<CarryResult | undefined> {
  return await locked(dir, finish);
}

async function carry(dirs: CheckoutDirs, store: ObjectStore, input: CarryInput): Promise<CarryResult> {
  let journal: Journal | undefined;
  try {
    await takeIndexLock(dirs.gitDir);
    const examined = await examineCarry(dirs, store, input);
    if (examined === 'there') {
      await cleanUp(dirs, undefined);
      return { from: input.from, to: input.to, moved: 0, written: 0, deleted: 0, leftovers: [] };
    }
    journal = {
      version: 1,
      from: input.from,
      to: input.to,
      branch: input.branch ?? null,
      staging: `.baton-carry-${randomBytes(6).toString('hex')}`,
      phase: 'preparing',
      moves: examined.plan.moves,
      result: {
        from: input.from,
        to: input.to,
        moved: examined.plan.moves.length,
        written: examined.plan.written.length,
        deleted: examined.plan.deletes.length,
        leftovers: examined.leftovers,
      },
    };
    await stage(dirs, store, journal, examined, input.signal);
    journal = { ...journal, phase: 'staged' };
    await writeJournal(dirs.gitDir, journal);
    input.signal?.throwIfAborted();
    await moveRef(store, journal, input);
    const { index, after, plan } = examined;
    return await applied({ dirs, store, journal, index, after, plan, resumed: false });
  } catch (error) {
    if (!(error instanceof HalfWay)) {
      await cleanUp(dirs, journal);
      throw error;
    }
    throw error.reason;
  }
}

async function stage(
  dirs: CheckoutDirs,
  store: ObjectStore,
  journal: Journal,
  examined: ExaminedCarry,
  signal: AbortSignal | undefined,
): Promise<void> {
  const staging = join(dirs.root, journal.staging);
  await writeJournal(dirs.gitDir, journal);
  const kept = oldIndexPath(dirs.gitDir);
  if (examined.rewritten !== undefined) await writeFileAtomic(kept, examined.rewritten);
  // Git never writes into an index that is there, it puts another one in its place: so a second name keeps the old one.
  else await effect('link', kept, () => linkSync(join(dirs.gitDir, 'index'), kept));
  await ensureDir(join(staging, 'moved'));
  await writeFileAtomic(join(staging, '.gitignore'), '*\n');
  await stageFiles({
    gitDir: dirs.gitDir,
    format: store.format,
    into: join(staging, 'new'),
    written: examined.plan.written,
    after: examined.leaves,
    signal,
  });
}

async function finish(dirs: CheckoutDirs, store: ObjectStore): Promise<CarryResult | undefined> {
  // Copies of the index that a killed run was looking at.
  await sweepTemporaries(dirs.gitDir);
  const journal = readJournal(dirs.gitDir);
  if (journal === undefined) {
    if (lockState(dirs.gitDir) === 'carry' || existsSync(journalDir(dirs.gitDir))) await cleanUp(dirs, undefined);
    return undefined;
  }
  if (journal.phase === 'done') {
    await cleanUp(dirs, journal);
    return journal.result;
  }
  const begun = journal.phase === 'moving' || journal.phase === 'placing';
  const ready = journal.phase === 'staged' && existsSync(oldIndexPath(dirs.gitDir));
  if (!begun && !(ready && (await refIsThere(store, journal)))) {
    await cleanUp(dirs, journal);
    return undefined;
  }
  await takeIndexLock(dirs.gitDir);
  return await applied(await resumeCarry(dirs, store, journal)).catch((error: unknown) => {
    throw error instanceof HalfWay ? error.reason : error;
  });
}

async function applied(staged: StagedCarry): Promise<CarryResult> {
  await applyCarry(staged).catch((error: unknown) => {
    throw new HalfWay(halfWay(error, staged.dirs.root));
  });
  return staged.journal.result;
}

/** Carries an error out of the part after which nothing is put back. */
class HalfWay extends Error {
  readonly reason: BatonError;
  constructor(reason: BatonError) {
    super(reason.message);
    this.reason = reason;
  }
}

function halfWay(error: unknown, root: string): BatonError {
  const { code, message, details } = toBatonError(error);
  return new BatonError(code, `the checkout in ${root} is between two commits: ${message}`, {
    hint: 'Remove the cause and run the same command again: it goes on where it stopped. Nothing is lost.',
    cause: error,
    details,
  });
}

// From the moment that the branch is at its new commit, whatever fails is finished by the next run and not put back.
async function moveRef(store: ObjectStore, journal: Journal, input: CarryInput): Promise<void> {
  if (journal.branch === null) return await input.moveRef?.();
  if (await refIsThere(store, journal)) return;
  try {
    await input.moveRef?.();
    if (await refIsThere(store, journal)) return;
  } catch (error) {
    const moved = await refIsThere(store, journal).catch(() => true);
    throw moved ? new HalfWay(halfWay(error, store.dir)) : error;
  }
  throw new BatonError('REF_MOVED', `${journal.branch} is not at ${journal.to}, where the checkout should follow it`, {
    hint: 'Somebody moved the branch meanwhile: plan again.',
  });
}

async function refIsThere(store: ObjectStore, journal: Journal): Promise<boolean> {
  return journal.branch !== null && (await store.readRef(journal.branch)) === journal.to;
}

async function locked<T>(dir: string, work: (dirs: CheckoutDirs, store: ObjectStore) => Promise<T>): Promise<T> {
  return await withCheckout(dir, (dirs, store) => withLock(`carry ${dirs.gitDir}`, () => work(dirs, store)));
}

async function withCheckout<T>(dir: string, work: (dirs: CheckoutDirs, store: ObjectStore) => Promise<T>): Promise<T> {
  const dirs = await checkoutDirs(dir);
  if (dirs === undefined) throw noWorkTree(dir);
  const store = await openObjectStore(dirs.root);
  try {
    return await work(dirs, store);
  } finally {
    await store.close();
  }
}
