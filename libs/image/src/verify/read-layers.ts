import { BatonError, type Digest, type Emit, formatBytes, plural, shortDigest } from '@baton/kernel';
import type { ContentStore, Descriptor } from '@baton/oci';
import pLimit from 'p-limit';
import { type ImageTree, stackLayers } from './image-tree.ts';
import type { ReadPlatform } from './read-documents.ts';
import { type ScannedLayer, scanLayer } from './scan-layer.ts';
import type { Subject } from './subject.ts';
import type { ImageCheck } from './types.ts';

/** The layers of one platform, read: a tree only when every layer is what was promised. */
export interface ReadLayers {
  checks: ImageCheck[];
  layers: { digest: Digest; size: number; diffId?: Digest | undefined }[];
  tree?: ImageTree | undefined;
  /** Bytes of each layer's archive. */
  sizes: number[];
}

/** Reads layers, each once however many platforms share it. */
export interface LayerReader {
  read(platform: ReadPlatform): Promise<ReadLayers>;
}

/** Layers that are read at the same time: one is hashed while the next is on its way. */
const AT_ONCE = 3;
const EVERY = 1024 * 1024;

/**
 * Makes a reader for the layers of some platforms.
 *
 * @param spool where the bytes of one platform are kept for a start without engine
 */
export function layerReader(
  subject: Subject,
  platforms: readonly ReadPlatform[],
  spool: { platform: ReadPlatform; store: ContentStore } | undefined,
  emit: Emit,
): LayerReader {
  const limit = pLimit(AT_ONCE);
  const scans = new Map<string, Promise<ScannedLayer>>();
  const left = new Map<string, number>();
  for (const { manifest } of platforms) {
    for (const layer of manifest.layers) left.set(keyOf(layer), (left.get(keyOf(layer)) ?? 0) + 1);
  }
  const spooled = new Set(spool?.platform.manifest.layers.map(keyOf));

  const open = async function* (layer: Descriptor): AsyncGenerator<Uint8Array> {
    if (spool === undefined || !spooled.has(keyOf(layer))) return yield* subject.open(layer);
    await spool.store.ingest(subject.open(layer), { digest: layer.digest, size: layer.size });
    yield* spool.store.stream(layer.digest, layer.size);
  };
  const scan = (layer: Descriptor): Promise<ScannedLayer> => {
    const known = scans.get(keyOf(layer));
    if (known !== undefined) return known;
    const made = limit(() => scanLayer(layer, told(layer, open(layer), emit), `layer ${shortDigest(layer.digest)}`));
    scans.set(keyOf(layer), made);
    return made;
  };
  // What no platform needs any more is let go of: the headers of a large layer take their space.
  const release = (layer: Descriptor): void => {
    const count = (left.get(keyOf(layer)) ?? 1) - 1;
    left.set(keyOf(layer), count);
    if (count === 0) scans.delete(keyOf(layer));
  };

  return {
    async read(platform) {
      const { layers } = platform.manifest;
      const settled = await Promise.allSettled(layers.map(scan));
      layers.forEach(release);
      return judge(platform, settled, subject);
    },
  };
}

// Size and type belong to it: two descriptors of one digest may promise different things.
function keyOf({ digest, size, mediaType }: Descriptor): string {
  return `${digest} ${size} ${mediaType}`;
}

function judge(
  { manifest, config, text }: ReadPlatform,
  settled: readonly PromiseSettledResult<ScannedLayer>[],
  subject: Subject,
): ReadLayers {
  const checks: ImageCheck[] = [];
  const fail = (id: string, detail: string): void => void checks.push({ id, platform: text, result: 'failed', detail });
  const scanned: { scanned: ScannedLayer; where: string }[] = [];
  for (const [i, result] of settled.entries()) {
    const where = `layer ${i + 1} (${shortDigest(manifest.layers[i]?.digest ?? 'sha256:')})`;
    if (result.status === 'rejected') fail('layers', `${where}: ${subject.faultOf(result.reason)}`);
    else scanned.push({ scanned: result.value, where });
  }
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== manifest.layers.length) {
    fail(
      'diff-ids',
      `expected ${plural(manifest.layers.length, 'diffID')}, one for each layer, found ${diffIds.length}`,
    );
  }
  for (const [i, result] of settled.entries()) {
    const [expected, found] = [diffIds[i], result.status === 'fulfilled' ? result.value.diffId : undefined];
    if (expected === undefined || found === undefined || expected === found) continue;
    fail('diff-ids', `layer ${i + 1}: expected the archive ${expected}, as the config says, found ${found}`);
  }
  const whole = scanned.length === settled.length;
  if (whole) {
    const size = manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
    const detail = `${plural(settled.length, 'layer')}, ${formatBytes(size)}: every byte read, digests and sizes hold`;
    checks.push({ id: 'layers', platform: text, result: 'passed', detail });
    if (!checks.some(({ id }) => id === 'diff-ids')) {
      checks.push({ id: 'diff-ids', platform: text, result: 'passed', detail: 'the archives are those of the config' });
    }
  }
  const layers = manifest.layers.map(({ digest, size }, i) => ({ digest, size, diffId: diffIds[i] }));
  return {
    checks,
    layers,
    sizes: scanned.map((layer) => layer.scanned.uncompressed),
    ...(whole ? stack(scanned, fail) : {}),
  };
}

function stack(
  layers: readonly { scanned: ScannedLayer; where: string }[],
  fail: (id: string, detail: string) => void,
): { tree?: ImageTree } {
  try {
    return { tree: stackLayers(layers) };
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    fail('layers', error.message);
    return {};
  }
}

async function* told(layer: Descriptor, bytes: AsyncIterable<Uint8Array>, emit: Emit): AsyncGenerator<Uint8Array> {
  const work = {
    id: `read ${layer.digest}`,
    label: `reading layer ${shortDigest(layer.digest)}`,
    unit: 'bytes' as const,
  };
  emit({ type: 'layer.start', ...work, total: layer.size });
  let [done, next] = [0, EVERY];
  for await (const chunk of bytes) {
    done += chunk.byteLength;
    if (done >= next) {
      emit({ type: 'layer.progress', ...work, done, total: layer.size });
      next = done + EVERY;
    }
    yield chunk;
  }
  emit({ type: 'layer.end', ...work, done, total: layer.size });
}
