import { compareText } from '@baton/kernel';
import { resolveInRoot } from './root-path.ts';
import { ancestors, type TarHeader } from './tar-entry.ts';
import { invalidLayer } from './tar-extended.ts';

/** One thing in the merged tree; two paths with the same node are hard links of each other. */
export interface OverlayNode {
  header: TarHeader;
  /** Number of the layer it came with, bottom first. */
  layer: number;
  /** Its place among the entries of that layer. */
  position: number;
}

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** Directories of one tree, also those that only what is in them tells of; real images have some ten thousand. */
const MOST_DIRECTORIES = 2_000_000;
/** Parts of paths that are looked at for symlinks. */
const MOST_STEPS = 50_000_000;

/**
 * The tree that layers make when they are stacked (OCI image specification, "Applying Changesets"): put in the headers of
 * each layer, bottom layer first, and it knows which entry is seen at which path.
 */
export class Overlay {
  readonly #nodes = new Map<string, OverlayNode>();
  readonly #children = new Map<string, Set<string>>();
  #steps = 0;

  /** Everything that is seen, by path bytes. */
  get nodes(): [path: string, node: OverlayNode][] {
    return [...this.#nodes].sort(([a], [b]) => compareText(a, b));
  }

  /**
   * Stacks one layer. Its whiteouts hide only what is below it, wherever in the layer they stand. Names below a symlink
   * are put where the link leads. Throws `LAYER_INVALID`.
   */
  apply(layer: number, headers: readonly TarHeader[], where: string): void {
    for (const header of headers) this.#whiteOut(header.path, where);
    headers.forEach((header, position) => {
      if (whiteoutOf(header.path) !== undefined) return;
      const path = this.#resolve(header.path, where);
      if (header.type === 'hardlink') this.#put(path, this.#linked(header, where), where);
      else this.#put(path, { header: header.path === path ? header : { ...header, path }, layer, position }, where);
    });
  }

  #whiteOut(path: string, where: string): void {
    const whiteout = whiteoutOf(path);
    if (whiteout === undefined || whiteout.hides === 'nothing') return;
    if (whiteout.hides === 'unclear') {
      throw invalidLayer(where, `the whiteout ${JSON.stringify(path)}, which hides no name`);
    }
    // The resolution stops before the last part, so an opaque directory that is a symlink hides nothing.
    const at = this.#resolve(whiteout.path, where);
    if (whiteout.hides === 'path') this.#remove(at);
    else for (const child of [...(this.#children.get(at) ?? [])]) this.#remove(child);
  }

  #resolve(path: string, where: string): string {
    const { dir } = split(path);
    if (dir === '' || this.#isDirectory(dir)) return path;
    const linkAt = (at: string): string | undefined => {
      this.#steps += 1;
      if (this.#steps > MOST_STEPS) throw invalidLayer(where, 'more paths through symlinks than an image has');
      return this.#linkAt(at);
    };
    return resolveInRoot(path, linkAt, where);
  }

  // What is above a directory is one as well: whatever takes its place takes all below it away.
  #isDirectory(path: string): boolean {
    return this.#nodes.get(path)?.header.type === 'directory' || (this.#children.get(path)?.size ?? 0) > 0;
  }

  #linkAt(path: string): string | undefined {
    const header = this.#nodes.get(path)?.header;
    return header?.type === 'symlink' ? header.linkTarget : undefined;
  }

  #linked(header: TarHeader, where: string): OverlayNode {
    const target = this.#nodes.get(this.#resolve(header.linkTarget ?? '', where));
    if (target !== undefined && target.header.type !== 'directory') return target;
    const found = target === undefined ? 'is not there or hidden' : 'is a directory';
    throw invalidLayer(where, `the hard link "${header.path}" to "${header.linkTarget}", which ${found}`);
  }

  #put(path: string, node: OverlayNode, where: string): void {
    for (const above of ancestors(path)) {
      if (this.#isDirectory(above)) break;
      const parent = this.#nodes.get(above);
      if (parent !== undefined) {
        throw invalidLayer(where, `the entry "${path}" below "${above}", which is a ${parent.header.type}`);
      }
    }
    // A directory over a directory, also over one that only its children tell of, keeps the children.
    const old = this.#nodes.get(path)?.header.type ?? 'directory';
    if (old !== 'directory' || node.header.type !== 'directory') this.#remove(path);
    this.#nodes.set(path, node);
    this.#adopt(path);
    if (this.#children.size > MOST_DIRECTORIES) throw invalidLayer(where, `more than ${MOST_DIRECTORIES} directories`);
  }

  #adopt(path: string): void {
    const { dir } = split(path);
    const siblings = this.#children.get(dir);
    if (siblings?.has(path) === true) return;
    if (siblings === undefined) this.#children.set(dir, new Set([path]));
    else siblings.add(path);
    if (dir !== '') this.#adopt(dir);
  }

  #remove(path: string): void {
    for (const child of [...(this.#children.get(path) ?? [])]) this.#remove(child);
    this.#children.delete(path);
    this.#children.get(split(path).dir)?.delete(path);
    this.#nodes.delete(path);
  }
}

/** What the name of an entry takes away from lower layers. */
export interface Whiteout {
  /** The path, all below it, nothing (names that aufs kept for itself), or nothing that could be told. */
  hides: 'path' | 'below' | 'nothing' | 'unclear';
  path: string;
}

/** Reads a path as a whiteout; undefined for an ordinary one. */
export function whiteoutOf(path: string): Whiteout | undefined {
  const { dir, name } = split(path);
  if (!name.startsWith(WHITEOUT)) return undefined;
  if (name === OPAQUE) return { hides: 'below', path: dir };
  if (name.startsWith('.wh..wh.')) return { hides: 'nothing', path };
  const hidden = name.slice(WHITEOUT.length);
  if (hidden === '' || hidden === '.' || hidden === '..') return { hides: 'unclear', path };
  return { hides: 'path', path: dir === '' ? hidden : `${dir}/${hidden}` };
}

function split(path: string): { dir: string; name: string } {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? { dir: '', name: path } : { dir: path.slice(0, slash), name: path.slice(slash + 1) };
}
