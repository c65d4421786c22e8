import { Overlay, type OverlayNode, type TarHeader } from '@baton/oci';
import type { FileFacts, ScannedLayer } from './scan-layer.ts';

/** As many links as Linux follows in one path (path_resolution(7)). */
const MOST_LINKS = 40;

/** Something in the tree: where it really is, and what is known of it. */
export interface TreeFile {
  /** Without any link, from the root: `/usr/bin/sh`. */
  path: string;
  header: TarHeader;
  facts: FileFacts | undefined;
  /** Number of its layer, bottom first; -1 for a directory that only its children tell of. */
  layer: number;
}

/** What a path leads to: the file, or why there is none. */
export type Lookup = { found: TreeFile; why?: undefined } | { found?: undefined; why: string };

/** The file system that the layers of an image make when they are stacked. */
export interface ImageTree {
  /** Follows a path as the kernel does inside the root: links absolute and relative, `..` at the root stays there. */
  look(path: string): Lookup;
  /** The directories that lead to a path without links, the root's children first. */
  above(path: string): TreeFile[];
  /** Everything that is seen, by path. */
  files(): Iterable<TreeFile>;
  readonly size: number;
}

/** Stacks scanned layers, bottom first. Throws `LAYER_INVALID`. */
export function stackLayers(layers: readonly { scanned: ScannedLayer; where: string }[]): ImageTree {
  const overlay = new Overlay();
  for (const [number, { scanned, where }] of layers.entries()) overlay.apply(number, scanned.headers, where);
  const nodes = new Map<string, OverlayNode>(overlay.nodes);
  const implied = impliedDirectories(nodes);

  const at = (path: string): TreeFile | undefined => {
    const node = nodes.get(path);
    if (node !== undefined) {
      const facts = layers[node.layer]?.scanned.facts.get(node.position);
      return { path: `/${path}`, header: node.header, facts, layer: node.layer };
    }
    if (path !== '' && !implied.has(path)) return undefined;
    return { path: `/${path}`, header: directory(path), facts: undefined, layer: -1 };
  };

  const root: TreeFile = { path: '/', header: directory(''), facts: undefined, layer: -1 };

  const look = (path: string): Lookup => {
    const todo = path.split('/').reverse();
    let done: string[] = [];
    let current = root;
    for (let links = 0; ; ) {
      const part = todo.pop();
      if (part === undefined) return { found: current };
      if (current.header.type !== 'directory') return { why: `${current.path} is no directory` };
      if (part === '' || part === '.') continue;
      if (part === '..') done.pop();
      else done.push(part);
      const next = at(done.join('/'));
      if (next === undefined)
        return { why: `/${done.join('/')} does not exist${links > 0 ? `, where ${path} leads` : ''}` };
      current = next;
      if (next.header.type !== 'symlink') continue;
      links += 1;
      if (links > MOST_LINKS) return { why: `the links of ${path} lead in circles` };
      const target = next.header.linkTarget ?? '';
      done = target.startsWith('/') ? [] : done.slice(0, -1);
      current = at(done.join('/')) ?? root;
      todo.push(...target.split('/').reverse());
    }
  };

  return {
    look,
    above(path) {
      const parts = path.split('/').filter((part) => part !== '');
      return parts.slice(0, -1).flatMap((_, i) => at(parts.slice(0, i + 1).join('/')) ?? []);
    },
    *files() {
      for (const path of nodes.keys()) yield at(path) ?? root;
    },
    size: nodes.size,
  };
}

function impliedDirectories(nodes: ReadonlyMap<string, OverlayNode>): Set<string> {
  const implied = new Set<string>();
  for (const path of nodes.keys()) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const above = path.slice(0, end);
      if (implied.has(above)) break;
      if (!nodes.has(above)) implied.add(above);
    }
  }
  return implied;
}

function directory(path: string): TarHeader {
  return { path, type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 };
}
