import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  BatonError,
  compareText,
  effect,
  ensureDir,
  errnoOf,
  removeTree,
  sweepTemporaries,
  syncDir,
  temporaryName,
} from '@baton/kernel';
import { MANIFEST } from './golden-manifest.ts';

/** Behind the name of a golden that is just being replaced. The name begins with a dot besides. */
const SET_ASIDE = '.old';

/** Whether an id can be a path below a directory of goldens. */
export function isGoldenId(id: string): boolean {
  return id.split('/').every((part) => /^[a-z0-9][a-z0-9.-]*$/.test(part));
}

/**
 * Where each golden is: ids and directories, sorted. A golden whose replacement was interrupted is found where it was put aside, so that
 * at any moment the old or the new one is there. An absent directory holds none.
 */
export async function goldenPlaces(directory: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const walk = async (path: string, id: string): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    });
    if (id !== '' && entries.some(({ name }) => name === MANIFEST)) {
      found.set(id, path);
      return;
    }
    for (const entry of entries) {
      if (!entry.isDirectory()) continue;
      const aside = /^\.(.+)\.old$/.exec(entry.name)?.[1];
      const name = aside ?? entry.name;
      if (name.startsWith('.') || (aside !== undefined && entries.some((other) => other.name === aside))) continue;
      await walk(join(path, entry.name), id === '' ? name : `${id}/${name}`);
    }
  };
  await walk(directory, '');
  return new Map([...found].sort(([one], [other]) => compareText(one, other)));
}

/**
 * Puts a golden in its place, whole: `fill` writes it into an empty directory beside it, which then gets its name. A kill at any point
 * leaves the old one or the new one for {@link goldenPlaces}.
 */
export async function putGolden(place: string, fill: (directory: string) => Promise<void>): Promise<void> {
  const temporary = temporaryName(place);
  const aside = asideOf(place);
  await ensureDir(dirname(place));
  try {
    await ensureDir(temporary);
    await fill(temporary);
    await syncDir(temporary);
    const replaced = await exists(place);
    if (replaced) await effect('rename', aside, () => rename(place, aside));
    await effect('rename', place, () => rename(temporary, place));
    await syncDir(dirname(place));
    if (replaced) await removeTree(aside);
  } catch (error) {
    // Not through the door of effects: what failed may be the disk, and the next writer cleans up as well.
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    if (!(await exists(place))) await rename(aside, place).catch(() => undefined);
    throw error;
  }
}

/** Takes a golden away, and the directories above it that are empty then. */
export async function removeGolden(directory: string, place: string): Promise<void> {
  const temporary = temporaryName(place);
  await effect('rename', temporary, () => rename(place, temporary));
  await syncDir(dirname(place));
  await removeTree(temporary);
  for (let above = dirname(place); above !== directory && above.startsWith(`${directory}/`); above = dirname(above)) {
    if ((await readdir(above)).length > 0) return;
    await removeTree(above);
  }
}

/** Finishes or undoes what was interrupted: to be called before goldens are written, by one process at a time. */
export async function recoverGoldens(directory: string): Promise<void> {
  const walk = async (path: string): Promise<void> => {
    await sweepTemporaries(path);
    const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    });
    if (entries.some(({ name }) => name === MANIFEST)) return;
    for (const entry of entries) {
      if (!entry.isDirectory()) continue;
      const name = /^\.(.+)\.old$/.exec(entry.name)?.[1];
      if (name === undefined) await walk(join(path, entry.name));
      else if (entries.some((other) => other.name === name)) await removeTree(join(path, entry.name));
      else await effect('rename', join(path, name), () => rename(join(path, entry.name), join(path, name)));
    }
  };
  await walk(directory);
}

/** Where one golden is, also when its replacement was interrupted; undefined when there is none. */
export async function goldenPlace(directory: string, id: string): Promise<string | undefined> {
  if (!isGoldenId(id)) return undefined;
  const place = join(directory, id);
  for (const path of [place, asideOf(place)]) if (await exists(join(path, MANIFEST))) return path;
  return undefined;
}

/** Refuses a golden that would lie inside of another one, or around one: `SCENARIO_INVALID`. */
export async function refuseNesting(directory: string, id: string): Promise<void> {
  let other: string | undefined;
  for (let above = dirname(id); above !== '.' && other === undefined; above = dirname(above)) {
    if ((await goldenPlace(directory, above)) !== undefined) other = above;
  }
  if (other === undefined && (await goldenPlace(directory, id)) === undefined) {
    const [below] = (await goldenPlaces(join(directory, id))).keys();
    if (below !== undefined) other = `${id}/${below}`;
  }
  if (other === undefined) return;
  throw new BatonError('SCENARIO_INVALID', `the golden of ${id} would share a directory with that of ${other}`, {
    hint: 'Give one of the two scenarios an id that is no folder of the other.',
  });
}

function asideOf(place: string): string {
  return join(dirname(place), `.${basename(place)}${SET_ASIDE}`);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
