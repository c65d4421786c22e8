import type { NewObject, ObjectFormat } from './objects.ts';
import { packOf } from './pack.ts';
import { askGit } from './run-git.ts';

/**
 * Writes objects to a repository as one pack. Git checks it, syncs it and gives it its name in one step: killed anywhere, the
 * objects are all there or there is garbage that `git gc` removes.
 *
 * @throws BatonError `GIT_FAILED`
 */
export async function writePack(dir: string, format: ObjectFormat, objects: readonly NewObject[]): Promise<void> {
  const unique = [...new Map(objects.map((object) => [object.id, object])).values()];
  if (unique.length === 0) return;
  await askGit(dir, ['index-pack', '--stdin', '--threads=1'], { stdin: packOf(format, unique), timeout: 0 });
}
