import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatonError, errnoOf, plural } from '@baton/kernel';
import type { ObjectStore } from '../object-store.ts';
import type { Leaf, ObjectFormat, Tree } from '../objects.ts';
import { comparePaths, displayPath } from '../path-text.ts';
import { entryAt } from '../trees.ts';
import { type BytePath, fileAt, fromBytePath, leavesOf, parentOf } from './byte-path.ts';
import type { CarryInput } from './carry.ts';
import { looksUnchanged } from './carry-index.ts';
import { expandMoves } from './expand-moves.ts';
import { compareForeign, directoriesAround } from './foreign-files.ts';
import { type IndexFile, parseIndex } from './index-file.ts';
import { type CheckoutDirs, inspectCheckout } from './inspect-checkout.ts';
import { type CarryPlan, planCarry, sameLeaf } from './plan-carry.ts';
import type { CheckoutState } from './state.ts';
import { wholeIndex } from './whole-index.ts';

/** A carry that can be done: nothing stands against it. */
export interface ExaminedCarry {
  index: IndexFile;
  /** Undefined when the index file itself is whole; else what git made of it. */
  rewritten: Buffer | undefined;
  after: Tree;
  leaves: ReadonlyMap<BytePath, Leaf>;
  plan: CarryPlan;
  leftovers: string[];
}

/**
 * Reads everything that a carry depends on and refuses what must not be carried; nothing changes. `there` for a clean checkout
 * that is where it shall go.
 */
export async function examineCarry(
  dirs: CheckoutDirs,
  store: ObjectStore,
  input: CarryInput,
): Promise<ExaminedCarry | 'there'> {
  const state = await inspectCheckout(dirs.root);
  if (state === undefined) throw noWorkTree(input.dir);
  refuseBusy(state);
  const changed = state.modified.length + state.staged.length + state.unmerged.length;
  if (changed === 0 && state.head === input.to && state.branch === input.branch) return 'there';
  const [before, after] = input.trees ?? [await store.readTree(input.from), await store.readTree(input.to)];
  const { bytes, rewritten } = await readIndex(dirs, store.format);
  const index = parseIndex(bytes, store.format);
  refuseDirty(state, state.head === input.from ? [] : differing(index, leavesOf(before)), input.from);
  const foreign = compareForeign(dirs.root, after, [...state.untracked, ...state.ignored]);
  const mixed = directoriesAround(foreign.stay);
  const leaves = leavesOf(after);
  const moves = expandMoves(before, after, input.renames, (directory) => mixed.has(directory));
  const plan = planCarry(index.entries, leaves, moves);
  const dropped = plan.gitlinks.dropped.filter((path) => existsSync(join(dirs.root, fromBytePath(path), '.git')));
  const kept = compareForeign(
    dirs.root,
    after,
    dropped.map((path) => `${fromBytePath(path)}/`),
  );
  refuseInWay([...foreign.inWay, ...kept.inWay]);
  refuseUnseen(dirs.root, plan);
  refuseReadOnly(dirs.root, plan);
  const leftovers = [...foreign.stay.filter((path) => isLeftOver(path, before, after)), ...kept.stay];
  return { index, rewritten, after, leaves, plan, leftovers: leftovers.sort(comparePaths) };
}

/** The error for a place that is no work tree. */
export function noWorkTree(dir: string): BatonError {
  return new BatonError('GIT_FAILED', `${dir} is in no work tree of a git repository`, {
    hint: 'Run it inside a checkout; a bare repository has no files to move.',
  });
}

async function readIndex(dirs: CheckoutDirs, format: ObjectFormat): Promise<{ bytes: Buffer; rewritten?: Buffer }> {
  const bytes = readFileSync(join(dirs.gitDir, 'index'));
  if (!parseIndex(bytes, format).partial) return { bytes };
  const rewritten = await wholeIndex(dirs);
  return { bytes: rewritten, rewritten };
}

function refuseBusy(state: CheckoutState): void {
  if (state.operation !== undefined) {
    const command = state.operation === 'bisect' ? 'git bisect reset' : `git ${state.operation} --abort`;
    throw new BatonError('REPOSITORY_BUSY', `a ${state.operation} is under way in ${state.root}`, {
      hint: `Finish it, or give it up with "${command}".`,
      details: { operation: state.operation },
    });
  }
  if (state.lock === 'other') {
    throw new BatonError(
      'REPOSITORY_BUSY',
      `another git process works on the index: ${state.gitDir}/index.lock exists`,
      {
        hint: 'Wait for it to end. If no git is running (an editor may have one), remove the file.',
      },
    );
  }
}

function refuseDirty(state: CheckoutState, differs: readonly string[], from: string): void {
  const paths = [...new Set([...state.unmerged, ...state.modified, ...differs])];
  // Staged means "other than HEAD", which is the commit to start from unless the branch moved before.
  if (state.head === from) paths.push(...state.staged.filter((path) => !paths.includes(path)));
  if (paths.length === 0) return;
  const sorted = paths.sort(comparePaths);
  const against = differs.length > 0 ? ` or differ from commit ${from.slice(0, 12)}` : '';
  throw new BatonError(
    'REPOSITORY_DIRTY',
    `${plural(sorted.length, 'file')} in ${state.root} ${sorted.length === 1 ? 'is' : 'are'} changed${against}: ${few(sorted)}`,
    { hint: 'Commit or stash them ("git stash"), then run it again.', details: { paths: sorted } },
  );
}

function differing(index: IndexFile, leaves: ReadonlyMap<BytePath, Leaf>): string[] {
  const missing = new Map(leaves);
  const wrong: string[] = [];
  for (const entry of index.entries) {
    const leaf = leaves.get(entry.path);
    missing.delete(entry.path);
    if (leaf === undefined || !sameLeaf(entry, leaf)) wrong.push(fromBytePath(entry.path));
  }
  return [...wrong, ...[...missing.keys()].map(fromBytePath)];
}

function refuseInWay(paths: readonly string[]): void {
  if (paths.length === 0) return;
  const sorted = [...paths].sort(comparePaths);
  throw new BatonError(
    'UNTRACKED_IN_WAY',
    `${plural(sorted.length, 'file')} that git does not track would be overwritten: ${few(sorted)}`,
    { hint: 'Move or remove them; nothing has been changed.', details: { paths: sorted } },
  );
}

// Git does not look at files that it was told to leave alone (assume-unchanged, skip-worktree), so a change in one is not known
// to it; it would be lost where the file goes.
function refuseUnseen(root: string, plan: CarryPlan): void {
  const changed = plan.unseen.filter((entry) => !looksUnchanged(root, entry)).map(({ path }) => fromBytePath(path));
  if (changed.length === 0) return;
  throw new BatonError(
    'REPOSITORY_DIRTY',
    `${plural(changed.length, 'file')} that git was told not to look at would go and may be changed: ${few(changed)}`,
    {
      hint: 'See "git update-index --no-assume-unchanged" and "--no-skip-worktree", then "git status".',
      details: { paths: changed },
    },
  );
}

function refuseReadOnly(root: string, plan: CarryPlan): void {
  for (const directory of new Set([...plan.deletes, ...plan.moves.map(({ from }) => from)].map(parentOf))) {
    try {
      accessSync(fileAt(root, directory), constants.W_OK);
    } catch (error) {
      // In a sparse checkout it may not be there at all.
      if (errnoOf(error) === 'ENOENT') continue;
      throw new BatonError('FILE_FAILED', `the directory ${fromBytePath(directory) || root} may not be written`, {
        hint: 'Give yourself the permission to write it; nothing has been changed.',
        cause: error,
      });
    }
  }
}

function isLeftOver(path: string, before: Tree, after: Tree): boolean {
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/', path.length - 2)));
  return parent !== '' && entryAt(before, parent)?.kind === 'tree' && entryAt(after, parent) === undefined;
}

function few(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).map(displayPath).join(', ');
  return paths.length > 5 ? `${shown} and ${paths.length - 5} more` : shown;
}
