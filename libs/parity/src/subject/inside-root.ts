import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

const MOST_LINKS = 40;

/**
 * Where a path of a tree is on this machine, when the tree is somebody's root: links above the last part lead where they
 * would lead there, and never out of the tree. The last part itself is not followed.
 */
export function insideRoot(root: string, path: string): string {
  const wanted = path.split('/').filter((part) => part !== '' && part !== '.');
  const done: string[] = [];
  for (let links = 0; wanted.length > 0; ) {
    const part = wanted.shift() ?? '';
    if (part === '..') {
      done.pop();
      continue;
    }
    const at = join(root, ...done, part);
    const isLink = wanted.length > 0 && lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    if (!isLink || links >= MOST_LINKS) {
      done.push(part);
      continue;
    }
    links += 1;
    const target = readlinkSync(at);
    if (target.startsWith('/')) done.length = 0;
    wanted.unshift(...target.split('/').filter((word) => word !== '' && word !== '.'));
  }
  return join(root, ...done);
}

/** The same, but the last part is followed as well. */
export function followedInside(root: string, path: string): string {
  return dirname(insideRoot(root, `${path}/x`));
}
