import { isUtf8 } from 'node:buffer';
import { realpath } from 'node:fs/promises';
import { BatonError } from '@baton/kernel';
import { commitObject, parseCommit } from './commit.ts';
import { commitsWithTrailer, isAncestor, mergeBase } from './history.ts';
import { blobOf, type FoundObject, openObjectReader, readBlobs } from './object-reader.ts';
import type { ObjectStore, StorePlace } from './object-store.ts';
import type { ObjectFormat, Tree } from './objects.ts';
import { withPrivateObjects } from './private-store.ts';
import { treeReader } from './read-tree.ts';
import { listRefs, readHead, readRef, updateRef } from './refs.ts';
import { askGit } from './run-git.ts';
import { treeObjects } from './tree-objects.ts';
import { writePack } from './write-pack.ts';

/**
 * Opens the repository of a work tree (any directory in it), linked work tree, submodule or bare repository.
 *
 * @throws BatonError `GIT_FAILED` outside of any repository, or for one that git cannot read; `TOOL_MISSING` without git
 */
export async function openObjectStore(dir: string): Promise<ObjectStore> {
  const facts = ['--is-bare-repository', '--is-shallow-repository', '--show-object-format'];
  const out = await askGit(dir, ['rev-parse', ...facts, '--path-format=absolute', '--git-dir', '--git-common-dir']);
  if (!isUtf8(out)) {
    throw new BatonError('GIT_FAILED', `the path of the repository at ${dir} is not UTF-8`, {
      hint: 'Move the repository to a directory whose name is UTF-8.',
    });
  }
  const [bare, shallow, format, ...places] = out.toString('utf8').trimEnd().split('\n');
  if (format !== 'sha1' && format !== 'sha256') {
    throw new BatonError(
      'GIT_FAILED',
      `the repository at ${dir} names objects by ${format}, which Baton does not know`,
    );
  }
  // A directory may have a newline in its name: then the first half of the lines cannot be told from the second so easily.
  const [gitDir = '', commonDir = ''] = places.length === 2 ? places : await twoPlaces(dir);
  return storeAt({
    dir: await realpath(dir),
    gitDir,
    commonDir,
    format,
    bare: bare === 'true',
    shallow: shallow === 'true',
  });
}

async function twoPlaces(dir: string): Promise<string[]> {
  const ask = async (which: string): Promise<string> =>
    (await askGit(dir, ['rev-parse', '--path-format=absolute', which])).toString('utf8').slice(0, -1);
  return [await ask('--git-dir'), await ask('--git-common-dir')];
}

/** The store of a repository about which everything is known. */
export function storeAt(place: StorePlace): ObjectStore {
  const { dir, format } = place;
  const reader = openObjectReader(dir);
  const store: ObjectStore = {
    ...place,
    async resolveCommit(revision) {
      const found = await reader.info(`${revision}^{commit}`);
      if (found?.type === 'commit') return found.id;
      throw unknownRevision(dir, revision, 'commit');
    },
    async readCommit(id) {
      const found = await reader.contents(id);
      if (found?.type === 'commit') return parseCommit(found.id, found.bytes);
      throw wrongKind(dir, id, 'commit', found);
    },
    async readTree(treeish) {
      const found = await reader.info(`${treeish}^{tree}`);
      if (found?.type !== 'tree') throw unknownRevision(dir, treeish, 'tree');
      return await listTree(dir, found.id, format);
    },
    readBlob: async (id) => blobOf(dir, id, await reader.contents(id)),
    readBlobs: (ids) => readBlobs(dir, ids),
    async missing(ids) {
      const wanted = [...new Set(ids)];
      const found = await Promise.all(wanted.map((id) => reader.info(id)));
      return wanted.filter((_, index) => found[index] === undefined);
    },
    head: () => readHead(dir),
    listRefs: (prefix) => listRefs(dir, prefix),
    readRef: (ref) => readRef(dir, ref),
    updateRef: (update) => updateRef(dir, '0'.repeat(format === 'sha1' ? 40 : 64), update),
    isAncestor: (ancestor, descendant) => isAncestor(dir, ancestor, descendant),
    mergeBase: (a, b) => mergeBase(dir, a, b),
    commitsWithTrailer: (search) => commitsWithTrailer(dir, search),
    commitObject: (fields) => commitObject(format, fields),
    treeObjects: (root) => treeObjects(format, root),
    writeObjects: (objects) => writePack(dir, format, objects),
    withPrivateObjects: (objects, work) => withPrivateObjects(place, objects, storeAt, work),
    close: () => reader.close(),
  };
  return store;
}

async function listTree(dir: string, id: string, format: ObjectFormat): Promise<Tree> {
  const reading = treeReader(id, format);
  await askGit(dir, ['ls-tree', '-r', '-t', '-z', '--full-tree', id], { onStdout: reading.push });
  return reading.end();
}

function unknownRevision(dir: string, revision: string, kind: string): BatonError {
  return new BatonError('GIT_FAILED', `${JSON.stringify(revision)} names no ${kind} in ${dir}, or more than one`, {
    hint: 'Write a branch, a tag, or more digits of the id; "git fetch" brings what is only on the remote.',
  });
}

function wrongKind(dir: string, id: string, kind: string, found: FoundObject | undefined): BatonError {
  return new BatonError('GIT_FAILED', `expected a ${kind} ${id}, found ${found?.type ?? 'no such object'} in ${dir}`);
}
