import { compareText } from '@baton/kernel';
import { Overlay, type OverlayNode } from './overlay.ts';
import { ancestors, type TarHeader } from './tar-entry.ts';
import { invalidLayer } from './tar-extended.ts';
import { readTar, type TarReadEntry } from './tar-read.ts';

/** A layer to stack: opens its uncompressed archive, which happens twice. */
export interface LayerSource {
  open(): AsyncIterable<Uint8Array>;
  /** The layer, as a person knows it. */
  where: string;
}

/**
 * The root file system that layers make, bottom layer first in the array: whiteouts and opaque directories are applied,
 * what is hidden is left out, names below symlinks are put where the links lead, missing parents are added
 * (0755, root, time 0).
 *
 * Reads every layer once to learn who wins and, where it holds content that is seen, once more to emit. The order is
 * safe to unpack and depends on the layers alone: directories, files as the layers have them, then links and devices,
 * hard links last. A file whose own name is hidden goes on under the first name that still links to it. Throws
 * `LAYER_INVALID`, also for a hard link whose target is hidden where it is made.
 */
export async function* flattenLayers(layers: readonly LayerSource[]): AsyncGenerator<TarReadEntry> {
  const plan = planTree(await stack(layers));
  for (const header of plan.directories) yield { header, body: nothing() };
  for (const [number, layer] of layers.entries()) yield* emitFiles(layer, plan.files.get(number) ?? new Map());
  for (const header of [...plan.others, ...plan.links]) yield { header, body: nothing() };
}

async function stack(layers: readonly LayerSource[]): Promise<Overlay> {
  const overlay = new Overlay();
  for (const [number, layer] of layers.entries()) {
    const headers: TarHeader[] = [];
    for await (const { header } of readTar(layer.open(), layer.where)) headers.push(header);
    overlay.apply(number, headers, layer.where);
  }
  return overlay;
}

interface TreePlan {
  directories: TarHeader[];
  /** By layer, then by position in it. */
  files: Map<number, Map<number, TarHeader>>;
  others: TarHeader[];
  links: TarHeader[];
}

function planTree(overlay: Overlay): TreePlan {
  const plan: TreePlan = { directories: [], files: new Map(), others: [], links: [] };
  const nodes = overlay.nodes;
  const names = firstNames(nodes);
  for (const [path, node] of nodes) {
    const first = names.get(node) ?? path;
    const header = { ...node.header, path };
    if (first !== path) plan.links.push(hardLink(header, first));
    else if (header.type === 'directory') plan.directories.push(header);
    else if (header.type !== 'file') plan.others.push(header);
    else {
      const ofLayer = plan.files.get(node.layer) ?? new Map<number, TarHeader>();
      plan.files.set(node.layer, ofLayer.set(node.position, header));
    }
  }
  plan.directories = [...plan.directories, ...missingParents(nodes)].sort((a, b) => compareText(a.path, b.path));
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

async function* emitFiles(layer: LayerSource, wanted: Map<number, TarHeader>): AsyncGenerator<TarReadEntry> {
  if (wanted.size === 0) return;
  let position = 0;
  let emitted = 0;
  for await (const { header, body } of readTar(layer.open(), layer.where)) {
    const known = wanted.get(position);
    position += 1;
    if (known === undefined) continue;
    if (header.type !== 'file' || header.size !== known.size) throw changed(layer);
    yield { header: known, body };
    emitted += 1;
    if (emitted === wanted.size) return;
  }
  throw changed(layer);
}

function changed(layer: LayerSource): Error {
  return invalidLayer(layer.where, 'another archive when it was read for the second time');
}

async function* nothing(): AsyncGenerator<Buffer> {
  // Only files have content.
}
