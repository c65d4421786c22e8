import { invalidLayer } from './tar-extended.ts';

/** As many links as Linux follows in one path (path_resolution(7)). */
const MOST_LINKS = 40;

/**
 * Where a path in a root file system leads when the links above its last part are followed as inside a container: a
 * target that is absolute starts at the root. The last part itself is not followed.
 *
 * @param linkAt the target of the symlink at a path without links, or undefined when it is none
 * Throws `LAYER_INVALID` when a target climbs above the root, or links lead in circles.
 */
export function resolveInRoot(path: string, linkAt: (path: string) => string | undefined, where: string): string {
  const todo = path.split('/').reverse();
  let done: string[] = [];
  for (let links = 0; ; ) {
    const part = todo.pop();
    if (part === undefined) return done.join('/');
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (done.pop() === undefined) throw invalidLayer(where, `"${path}", which leaves the root through a symlink`);
      continue;
    }
    done.push(part);
    const target = todo.length === 0 ? undefined : linkAt(done.join('/'));
    if (target === undefined) continue;
    links += 1;
    if (links > MOST_LINKS) throw invalidLayer(where, `"${path}", whose symlinks lead in circles`);
    done = target.startsWith('/') ? [] : done.slice(0, -1);
    todo.push(...target.split('/').reverse());
  }
}
