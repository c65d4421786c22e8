import { BatonError } from '@baton/kernel';
import { planTree, type TreePlan } from './flatten-plan.ts';
import { Shadow, Sprout } from './flatten-shadow.ts';
import { Overlay, whiteoutOf } from './overlay.ts';
import type { TarHeader } from './tar-entry.ts';
import { invalidLayer } from './tar-extended.ts';
import { readTar, type TarReadEntry } from './tar-read.ts';

/** A layer to stack: opens its uncompressed archive, which may happen more than once. */
export interface LayerSource {
  open(): AsyncIterable<Uint8Array>;
  /** The layer, as a person knows it. */
  where: string;
}

/** Bytes that the names, link targets and attributes of all layers may have together, each entry counted with some more. */
const MOST_NAMES = 512 * 1024 * 1024;
const EACH = 200;
/** Parts of a path that cost nothing, and what each further one counts: looking at a path takes time for each part. */
const SHALLOW = 32;
const DEEPER = 1024;

/**
 * The root file system that layers make, bottom layer first in the array: whiteouts and opaque directories are applied,
 * what is hidden is left out, names below symlinks are put where the links lead, missing parents are added
 * (0755, root, time 0).
 *
 * Reads every layer once to learn who wins and, where it holds content that is seen, once more to emit; where reading is
 * dear, {@link flattenOnce} gives the same tree. The order depends on the layers alone: files from the top layer down,
 * as each layer has them, then symlinks and devices, hard links, and directories last, so that no unpacker touches them again. A file whose own name is
 * hidden goes on under the first name that still links to it. Throws `LAYER_INVALID`, also for a hard link whose target
 * is hidden where it is made.
 */
export async function* flattenLayers(layers: readonly LayerSource[]): AsyncGenerator<TarReadEntry> {
  const names = new Names(layers);
  for (const [number, layer] of layers.entries()) {
    for await (const { header } of readTar(layer.open(), layer.where)) names.add(number, header);
  }
  yield* emit(layers, names.plan(), new Map());
}

/**
 * Hands `consume` the same tree as {@link flattenLayers}, but reads each layer only once, from the top down: the first
 * that has a path wins, and what is sent is checked against the rules when all names are known.
 *
 * Two things need a second reading. Content whose own name is hidden while a hard link to it is seen comes from its layer
 * again, after the others. And where content was sent that does not belong there (a name below a lower layer's symlink,
 * two entries with one name in a layer), `consume` is called again: its first call ends with an error, after which it
 * must leave nothing behind.
 */
export async function flattenOnce<T>(
  layers: readonly LayerSource[],
  consume: (entries: AsyncGenerator<TarReadEntry>) => Promise<T>,
): Promise<T> {
  const attempt: { plan?: TreePlan } = {};
  try {
    return await consume(guessed(layers, attempt));
  } catch (error) {
    if (attempt.plan === undefined) throw error;
    return await consume(emit(layers, attempt.plan, new Map()));
  }
}

async function* guessed(layers: readonly LayerSource[], attempt: { plan?: TreePlan }): AsyncGenerator<TarReadEntry> {
  const names = new Names(layers);
  const shadow = new Shadow();
  const sent = new Map<number, Set<number>>();
  const tree = new Sprout();
  let fits = true;
  for (const [number, layer] of [...layers.entries()].reverse()) {
    const ofLayer = new Set<number>();
    sent.set(number, ofLayer);
    for await (const entry of readTar(layer.open(), layer.where)) {
      const position = names.add(number, entry.header);
      const { path, type } = entry.header;
      if (type !== 'file' || whiteoutOf(path) !== undefined || shadow.hides(path)) continue;
      // What no tree can hold is not sent: whether a layer is broken or the guess was, is known when all is read.
      fits &&= tree.grow(path);
      if (!fits) continue;
      ofLayer.add(position);
      yield entry;
    }
    shadow.fall(names.of(number));
  }
  const plan = names.plan();
  const right = (number: number, position: number): boolean =>
    plan.files.get(number)?.get(position)?.path === names.of(number)[position]?.path;
  for (const [number, positions] of sent) {
    for (const position of positions) fits &&= right(number, position);
  }
  if (!fits) {
    attempt.plan = plan;
    throw new BatonError('INTERNAL', 'the layers have to be read again, as their names say');
  }
  yield* emit(layers, plan, sent);
}

/** What is left of a plan after the files at some positions of the layers were sent. */
async function* emit(
  layers: readonly LayerSource[],
  plan: TreePlan,
  sent: ReadonlyMap<number, ReadonlySet<number>>,
): AsyncGenerator<TarReadEntry> {
  for (const [number, layer] of [...layers.entries()].reverse()) {
    const files = [...(plan.files.get(number) ?? [])].filter(([position]) => sent.get(number)?.has(position) !== true);
    yield* emitFiles(layer, new Map(files));
  }
  for (const header of [...plan.others, ...plan.links, ...plan.directories]) yield { header, body: nothing() };
}

// To the end, also behind the last file that is wanted: what a layer holds is known to be right only then.
async function* emitFiles(layer: LayerSource, wanted: ReadonlyMap<number, TarHeader>): AsyncGenerator<TarReadEntry> {
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
  }
  if (emitted !== wanted.size) throw changed(layer);
}

/** The headers of all layers, within bounds. */
class Names {
  readonly #layers: readonly LayerSource[];
  readonly #headers: TarHeader[][];
  #size = 0;

  constructor(layers: readonly LayerSource[]) {
    this.#layers = layers;
    this.#headers = layers.map(() => []);
  }

  /** Keeps a header and returns its position in the layer. */
  add(layer: number, header: TarHeader): number {
    const deeper = Math.max(0, header.path.split('/').length - SHALLOW);
    this.#size += EACH + header.path.length + (header.linkTarget?.length ?? 0) + deeper * DEEPER;
    for (const [name, value] of Object.entries(header.xattrs ?? {})) this.#size += name.length + value.byteLength;
    if (this.#size > MOST_NAMES) {
      throw invalidLayer(this.#layers[layer]?.where ?? '', `more than ${MOST_NAMES} bytes of names and attributes`);
    }
    return this.of(layer).push(header) - 1;
  }

  of(layer: number): TarHeader[] {
    return this.#headers[layer] ?? [];
  }

  /** The tree, by the rules. */
  plan(): TreePlan {
    const overlay = new Overlay();
    for (const [number, { where }] of this.#layers.entries()) overlay.apply(number, this.of(number), where);
    return planTree(overlay);
  }
}

function changed(layer: LayerSource): Error {
  return invalidLayer(layer.where, 'another archive when it was read for the second time');
}

async function* nothing(): AsyncGenerator<Buffer> {
  // Only files have content.
}
