import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compareText } from '@baton/kernel';

const NOT_OURS = new Set(['.git', 'node_modules', 'dist', '.nx', 'coverage']);

/** The files of the repository as paths below its root, sorted; without what is installed or made. */
export async function repositoryFiles(root: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (directory: string): Promise<void> => {
    for (const entry of await readdir(join(root, directory), { withFileTypes: true })) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (entry.isDirectory() && !NOT_OURS.has(entry.name)) await walk(path);
      else if (entry.isFile() && !entry.name.endsWith('.tmp')) found.push(path);
    }
  };
  await walk('');
  return found.sort(compareText);
}
