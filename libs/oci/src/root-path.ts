import { invalidLayer } from './tar-extended.ts';

/** As many links as Linux follows in one path (path_resolution(7)). */
const MOST_LINKS = 40;
/** Parts that are walked through on the way, so that chains of long targets come to an end soon. */
const MOST_PARTS = 16_384;

/**
 * Where a path in a root file system leads when the links above its last part are followed as inside a container: a
 * target that is absolute starts at the root. The last part itself is not followed.
 *
 * @param linkAt the target of the symlink at a path without links, or undefined when it is none
 * Throws `LAYER_INVALID` when a target climbs above the root, or links lead in circles.
 */
export function resolveInRoot(path: string, linkAt: (path: string) => string | undefined, where: string): string {
  const todo = path.split('/').reverse();
  let done = '';
  let links = 0;
  for (let parts = 0; ; parts += 1) {
    if (parts > MOST_PARTS) throw invalidLayer(where, `${shown(path)}, whose symlinks lead too far`);
    const part = todo.pop();
    if (part === undefined) return done;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (done === '') throw invalidLayer(where, `${shown(path)}, which leaves the root through a symlink`);
      done = parentOf(done);
      continue;
    }
    done = done === '' ? part : `${done}/${part}`;
    const target = todo.length === 0 ? undefined : linkAt(done);
    if (target === undefined) continue;
    links += 1;
    if (links > MOST_LINKS) throw invalidLayer(where, `${shown(path)}, whose symlinks lead in circles`);
    done = target.startsWith('/') ? '' : parentOf(done);
    for (const next of target.split('/').reverse()) todo.push(next);
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function shown(path: string): string {
  return JSON.stringify(path.slice(0, 200));
}
