import { marksOf } from './find-pairs.ts';
import { baseName, directoryOf, isAtOrBelow, type Listing } from './listing.ts';
import type { Layout } from './proposal.ts';

/** Where everything goes: the mapping that the path operations of the proposal make. */
export interface Moves {
  layout: Layout;
  listing: Listing;
  /** Where a file or directory of the input is afterwards; undefined when it is gone. */
  after(path: string): string | undefined;
  /** Whether something is there afterwards. */
  existsAfter(path: string): boolean;
  /** Files of the input that are still there. */
  remaining: readonly string[];
  /** What the new one is called beside the old one, and what it is called from now on: `agent-go` and `agent`. */
  renames: readonly { from: string; to: string }[];
  /** What the edits do to lines, and why some stay, by the path in the input; known once every file was judged. */
  changed?: ReadonlyMap<
    string,
    { lines: ReadonlyMap<number, string>; gone: ReadonlySet<number>; stays: ReadonlyMap<number, string> }
  >;
}

/** The mapping of a layout. */
export function movesOf(layout: Layout, listing: Listing): Moves {
  const { component, nested, old, pairs, collisions } = layout;
  const targets = new Map(pairs.map((pair) => [pair.new, pair.old]));
  const replaced = new Set([...pairs.map((pair) => pair.old), ...collisions.map((name) => `${component}/${name}`)]);
  const after = (path: string): string | undefined => {
    const target = targets.get(path);
    if (target !== undefined) return target;
    if (path === nested) return component;
    if (isAtOrBelow(path, nested)) return component + path.slice(nested.length);
    if (old.some((entry) => isAtOrBelow(path, entry)) || replaced.has(path)) return undefined;
    return path;
  };
  const remaining = listing.paths.filter((path) => after(path) !== undefined);
  const output = new Set<string>(['']);
  for (const path of remaining) {
    for (let at = after(path) ?? ''; at !== '' && !output.has(at); at = directoryOf(at)) output.add(at);
  }
  return {
    layout,
    listing,
    after,
    existsAfter: (path) => output.has(path),
    remaining,
    renames: renamesOf(component, nested),
  };
}

function renamesOf(component: string, nested: string): { from: string; to: string }[] {
  const short = baseName(component);
  const snake = short.replaceAll('-', '_');
  const renames = marksOf(nested).flatMap((mark) => [
    { from: `${short}-${mark}`, to: short },
    { from: `${snake}_${mark}`, to: snake },
    { from: `${snake}_${mark}`.toUpperCase(), to: snake.toUpperCase() },
  ]);
  return renames.filter(({ from }, index) => renames.findIndex((other) => other.from === from) === index);
}
