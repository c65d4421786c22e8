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

/**
 * The tree that layers make when they are stacked (OCI image specification, "Applying Changesets"): put in the headers of
 * each layer, bottom layer first, and it knows which entry is seen at which path.
 */
export class Overlay {
  readonly #nodes = new Map<string, OverlayNode>();
  readonly #children = new Map<string, Set<string>>();

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
      if (isWhiteout(header.path)) return;
      const path = this.#resolve(header.path, where);
      if (header.type === 'hardlink') this.#put(path, this.#linked(header, where), where);
      else this.#put(path, { header: { ...header, path }, layer, position }, where);
    });
  }

  #whiteOut(path: string, where: string): void {
    if (!isWhiteout(path)) return;
    const { dir, name } = split(path);
    // The resolution stops before the last part, so an opaque directory that is a symlink hides nothing.
    if (name === OPAQUE) {
      for (const child of [...(this.#children.get(this.#resolve(dir, where)) ?? [])]) this.#remove(child);
    } else if (!name.startsWith('.wh..wh.')) {
      const hidden = name.slice(WHITEOUT.length);
      if (hidden === '' || hidden === '.' || hidden === '..') {
        throw invalidLayer(where, `the whiteout ${JSON.stringify(path)}, which hides no name`);
      }
      this.#remove(this.#resolve(dir === '' ? hidden : `${dir}/${hidden}`, where));
    }
  }

  #resolve(path: string, where: string): string {
    const { dir } = split(path);
    if (dir === '' || this.#nodes.get(dir)?.header.type === 'directory') return path;
    return resolveInRoot(path, (at) => this.#linkAt(at), where);
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
      const parent = this.#nodes.get(above);
      if (parent !== undefined && parent.header.type !== 'directory') {
        throw invalidLayer(where, `the entry "${path}" below "${above}", which is a ${parent.header.type}`);
      }
    }
    // A directory over a directory, also over one that only its children tell of, keeps the children.
    const old = this.#nodes.get(path)?.header.type ?? 'directory';
    if (old !== 'directory' || node.header.type !== 'directory') this.#remove(path);
    this.#nodes.set(path, node);
    this.#adopt(path);
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

function isWhiteout(path: string): boolean {
  return split(path).name.startsWith(WHITEOUT);
}

function split(path: string): { dir: string; name: string } {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? { dir: '', name: path } : { dir: path.slice(0, slash), name: path.slice(slash + 1) };
}
