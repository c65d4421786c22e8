import { posix } from 'node:path';

/**
 * Where a path of a manifest is, relative to the workspace root: '/'-separated, '.' for the root itself; it starts with
 * '..' when it leaves the workspace.
 */
export function workspacePath(projectRoot: string, path: string): string {
  return posix.normalize(posix.join(projectRoot, path)).replace(/(?<=.)\/$/, '');
}

/** Whether `path` is `folder` or lies below it; both as {@link workspacePath} gives them. */
export function isWithin(folder: string, path: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

/** A path of the workspace as an Nx token: `{projectRoot}/...` inside the project, else `{workspaceRoot}/...`. */
export function pathToken(projectRoot: string, path: string): string {
  if (path === projectRoot) return '{projectRoot}';
  if (!isWithin(projectRoot, path)) return `{workspaceRoot}/${path}`;
  return `{projectRoot}/${projectRoot === '.' ? path : path.slice(projectRoot.length + 1)}`;
}

/** Whether an Nx fileset can name the path: not outside the workspace, nor with characters that make it a pattern. */
export function isNameable(path: string): boolean {
  return path !== '..' && !path.startsWith('../') && !/[*?[\]{}!()|]/.test(path);
}

/** Quotes one argument for a POSIX shell; plain words stay as they are. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
