/** The directory of a path; `''` for a path at the root. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** A path as seen from a directory, from the root without `.` and `..`; undefined when it leaves the repository. */
export function resolveFrom(base: string, names: readonly string[]): string | undefined {
  const parts = base === '' ? [] : base.split('/');
  for (const name of names) {
    if (name === '' || name === '.') continue;
    if (name !== '..') parts.push(name);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** The names that lead from a directory to a path, `..` first; empty when it is the directory itself. */
export function relativeNames(base: string, path: string): string[] {
  const from = base === '' ? [] : base.split('/');
  const to = path === '' ? [] : path.split('/');
  let same = 0;
  while (same < from.length && same < to.length && from[same] === to[same]) same += 1;
  return [...from.slice(same).map(() => '..'), ...to.slice(same)];
}
