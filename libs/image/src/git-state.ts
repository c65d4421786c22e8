import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * The files that tell whether git's answers may have changed: HEAD, the ref it names, packed refs, the index, and what
 * decides which files are ignored.
 *
 * A look at these is cheap; that one of them changed does not mean that the answers did. Work trees linked with
 * `git worktree` have their HEAD and index apart from the shared refs.
 */
export function gitStateFiles(project: string): string[] {
  const root = rootOf(project);
  const dir = root === undefined ? undefined : gitDir(root);
  // Outside git: the day somebody makes a repository of it, or of a directory above.
  if (root === undefined || dir === undefined) return ancestors(project).map((at) => join(at, '.git'));
  const common = commonDir(dir);
  const head = join(dir, 'HEAD');
  const files = [head, join(dir, 'index'), join(common, 'packed-refs'), join(common, 'info', 'exclude')];
  const ref = /^ref: (.+)$/m.exec(textOf(head) ?? '')?.[1];
  if (ref !== undefined) files.push(join(common, ref));
  for (const at of ancestors(project)) if (at.length >= root.length) files.push(join(at, '.gitignore'));
  return files;
}

function ancestors(path: string): string[] {
  const above = dirname(path);
  return above === path ? [path] : [path, ...ancestors(above)];
}

/** The directory that holds git's tags as files, for those that are not packed; undefined outside git. */
export function gitTagDirectory(project: string): string | undefined {
  const root = rootOf(project);
  const dir = root === undefined ? undefined : gitDir(root);
  return dir === undefined ? undefined : join(commonDir(dir), 'refs', 'tags');
}

/** Whether there can be any tag at all; false is sure, true wants to be asked of git. */
export function mayHaveTags(project: string): boolean {
  const tags = gitTagDirectory(project);
  if (tags === undefined) return false;
  const names = readdirSync(tags, { recursive: true, withFileTypes: true });
  return (
    names.some((entry) => !entry.isDirectory()) ||
    textOf(join(dirname(dirname(tags)), 'packed-refs'))?.includes(' refs/tags/') === true
  );
}

/** Whether history may have been cut off when it was cloned; false is sure. */
export function mayBeShallow(project: string): boolean {
  const tags = gitTagDirectory(project);
  return tags !== undefined && textOf(join(dirname(dirname(tags)), 'shallow')) !== undefined;
}

function rootOf(project: string): string | undefined {
  return ancestors(project).find((at) => statSync(join(at, '.git'), { throwIfNoEntry: false }) !== undefined);
}

function gitDir(root: string): string | undefined {
  const path = join(root, '.git');
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) return path;
  const named = /^gitdir: (.+)$/m.exec(textOf(path) ?? '')?.[1];
  return named === undefined ? undefined : resolve(root, named);
}

function commonDir(dir: string): string {
  const named = textOf(join(dir, 'commondir'))?.trim();
  return named === undefined ? dir : resolve(dir, named);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Absent is an answer here: what is not there names nothing further to look at.
    return undefined;
  }
}
