import { compareText } from '@baton/kernel';
import type { Overlay, OverlayNode } from './overlay.ts';
import { ancestors, type TarHeader } from './tar-entry.ts';

/** What a merged tree consists of, in the order in which it is emitted. */
export interface TreePlan {
  /** By layer, then by position in it. */
  files: Map<number, Map<number, TarHeader>>;
  /** Symlinks, devices and fifos. */
  others: TarHeader[];
  /** Hard links. */
  links: TarHeader[];
  directories: TarHeader[];
}

/** Sorts a merged tree into what has content and what has not; names of one file become hard links of the first. */
export function planTree(overlay: Overlay): TreePlan {
  const plan: TreePlan = { directories: [], files: new Map(), others: [], links: [] };
  const nodes = overlay.nodes;
  const names = firstNames(nodes);
  for (const [path, node] of nodes) {
    const first = names.get(node) ?? path;
    const header = node.header.path === path ? node.header : { ...node.header, path };
    if (first !== path) plan.links.push(hardLink(header, first));
    else if (header.type === 'directory') plan.directories.push(header);
    else if (header.type !== 'file') plan.others.push(header);
    else {
      const ofLayer = plan.files.get(node.layer) ?? new Map<number, TarHeader>();
      plan.files.set(node.layer, ofLayer.set(node.position, header));
    }
  }
  for (const header of missingParents(nodes)) plan.directories.push(header);
  plan.directories.sort((a, b) => compareText(a.path, b.path));
  return plan;
}

// The name that the layer itself gave comes first where it is still seen.
function firstNames(nodes: readonly [string, OverlayNode][]): Map<OverlayNode, string> {
  const names = new Map<OverlayNode, string>();
  for (const [path, node] of nodes) {
    if (!names.has(node) || path === node.header.path) names.set(node, path);
  }
  return names;
}

function missingParents(nodes: readonly [string, OverlayNode][]): TarHeader[] {
  const paths = new Set(nodes.map(([path]) => path));
  const missing: TarHeader[] = [];
  for (const [path] of nodes) {
    for (const above of ancestors(path)) {
      if (paths.has(above)) break;
      paths.add(above);
      missing.push({ path: above, type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 });
    }
  }
  return missing;
}

function hardLink(header: TarHeader, linkTarget: string): TarHeader {
  const { device: _, xattrs: __, ...rest } = header;
  return { ...rest, type: 'hardlink', size: 0, linkTarget };
}
