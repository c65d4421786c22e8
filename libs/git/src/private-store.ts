import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatonError, effect, removeTree, sweepTemporaries, temporaryName } from '@baton/kernel';
import type { ObjectStore, PrivateStore, StorePlace } from './object-store.ts';
import type { NewObject, ObjectId } from './objects.ts';
import { displayPath, pathBytes } from './path-text.ts';
import { askGit } from './run-git.ts';
import { writePack } from './write-pack.ts';

/**
 * Makes a repository below the directory for temporary files that has `objects` of its own and sees all of `place`'s; removes
 * it when `work` is done. Those that killed processes left behind are removed as well.
 *
 * @param open makes the store of a place
 */
export async function withPrivateObjects<T>(
  place: StorePlace,
  objects: readonly NewObject[],
  open: (place: StorePlace) => ObjectStore,
  work: (store: PrivateStore) => Promise<T>,
): Promise<T> {
  await sweepTemporaries(tmpdir());
  const dir = temporaryName(join(tmpdir(), 'baton-objects'));
  try {
    await effect('mkdir', dir, () => layOut(dir, place));
    await writePack(dir, place.format, objects);
    const store = open({ ...place, dir, gitDir: dir, commonDir: dir, bare: true });
    let checkouts = 0;
    try {
      return await work({
        ...store,
        checkOut(tree, to, paths) {
          checkouts += 1;
          return checkOut(dir, join(dir, `index-${checkouts}`), tree, to, paths);
        },
      });
    } finally {
      await store.close();
    }
  } finally {
    await removeTree(dir);
  }
}

async function layOut(dir: string, { commonDir, format, shallow }: StorePlace): Promise<void> {
  await mkdir(dir, { mode: 0o700 });
  for (const below of ['refs', 'objects', 'objects/pack', 'objects/info', 'info']) await mkdir(join(dir, below));
  await writeFile(join(dir, 'HEAD'), 'ref: refs/heads/none\n');
  const version = format === 'sha1' ? 0 : 1;
  const extension = format === 'sha1' ? '' : `[extensions]\n\tobjectFormat = ${format}\n`;
  await writeFile(join(dir, 'config'), `[core]\n\trepositoryFormatVersion = ${version}\n\tbare = true\n${extension}`);
  // Quoted as git quotes paths: one may begin with a comment sign or have a newline.
  await writeFile(join(dir, 'objects/info/alternates'), `${quoted(join(commonDir, 'objects'))}\n`);
  // The last word about attributes: bytes come as they are, whatever the tree's own .gitattributes ask for.
  await writeFile(join(dir, 'info/attributes'), '* -text -eol -ident -filter -working-tree-encoding\n');
  if (shallow) await copyFile(join(commonDir, 'shallow'), join(dir, 'shallow'));
}

function quoted(path: string): string {
  const shown = displayPath(path);
  return shown.startsWith('"') ? shown : `"${shown.replaceAll(/["\\]/g, '\\$&')}"`;
}

async function checkOut(
  gitDir: string,
  index: string,
  tree: ObjectId,
  dir: string,
  paths: readonly string[] | undefined,
): Promise<void> {
  const env = { GIT_DIR: gitDir, GIT_WORK_TREE: dir, GIT_INDEX_FILE: index };
  if (paths === undefined) {
    await askGit(dir, ['read-tree', tree], { env, timeout: 0 });
    await askGit(dir, ['checkout-index', '--all', '--quiet'], { env, timeout: 0 });
    return;
  }
  if (paths.some((path) => path === '' || path.startsWith('/'))) {
    throw new BatonError('GIT_FAILED', `expected paths of the tree ${tree}, found ${JSON.stringify(paths)}`);
  }
  if (paths.length === 0) return;
  const stdin = Buffer.concat(paths.flatMap((path) => [pathBytes(path), NUL]));
  const given = ['--pathspec-from-file=-', '--pathspec-file-nul'];
  await askGit(dir, ['checkout', '--quiet', ...given, tree], { env, stdin, timeout: 0 });
}

const NUL = Buffer.from([0]);
