import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Digest } from '@baton/kernel';
import { openStore } from '@baton/oci';
import pLimit from 'p-limit';
import { type Document, imageConfig, imageIndex, imageManifest } from './assemble.ts';
import { layerBlobKey, type MadeLayer, makeLayer } from './layers/make-layer.ts';
import type { PlacedLayer, ResolvedBuild, ResolvedPlatform } from './resolve-build.ts';
import { writeSparseLayout } from './sparse-layout.ts';
import type { BuiltLayer, BuiltPlatform, ImageIo } from './types.ts';

/** A built image: what `BuildResult` tells of it. */
export interface BuiltImage {
  index: Document;
  platforms: BuiltPlatform[];
}

/** Makes the layers, writes the documents and the layout. The layout's `index.json` is the last effect. */
export async function applyBuild(build: ResolvedBuild, layout: string, io: ImageIo): Promise<BuiltImage> {
  const store = openStore(join(io.cacheDir, 'v1'));
  const make = layerMaker(store, io);
  const parts = await Promise.all(
    build.platforms.map(async (platform) => {
      const layers = await Promise.all(platform.layers.map(make));
      return { platform, layers, ...platformDocuments(build, platform, layers) };
    }),
  );
  const manifests = parts.map(({ platform, manifest }) => ({ platform: platform.platform, document: manifest }));
  const index = imageIndex(manifests, build.annotations);
  const documents = [...parts.flatMap((part) => [part.config, part.manifest]), index];
  const blobs = parts.flatMap((part) => part.layers.map((layer) => layer.blob));
  await writeSparseLayout(layout, { documents, layers: blobs, index: index.descriptor }, store);
  return {
    index,
    platforms: parts.map((part) => builtPlatform(part.platform, part.layers, part.config, part.manifest)),
  };
}

/** Packs a layer once, however many platforms share it; compression keeps all cores busy and no more. */
function layerMaker(store: ReturnType<typeof openStore>, io: ImageIo): (layer: PlacedLayer) => Promise<MadeLayer> {
  const limit = pLimit(Math.max(2, availableParallelism()));
  const making = new Map<Digest, Promise<MadeLayer>>();
  return ({ resolved, compression, title }) => {
    if (resolved === undefined) throw new TypeError(`layer "${title}" was planned and never resolved`);
    const key = layerBlobKey(resolved, compression);
    const made = making.get(key) ?? limit(() => makeLayer(resolved, compression, store, io));
    making.set(key, made);
    return made.then((layer) => ({ ...layer, title }));
  };
}

function platformDocuments(
  build: ResolvedBuild,
  platform: ResolvedPlatform,
  layers: MadeLayer[],
): { config: Document; manifest: Document } {
  const { base } = platform;
  const config = imageConfig(platform.platform, platform.runtime, layers, base, build.facts.epoch);
  const from: Record<string, string> = {};
  if (base !== undefined) {
    from['org.opencontainers.image.base.digest'] = base.descriptor.digest;
    if (typeof build.image.base === 'object' && 'ref' in build.image.base) {
      from['org.opencontainers.image.base.name'] = build.image.base.ref;
    }
  }
  return { config, manifest: imageManifest(config, layers, base, { ...from, ...build.image.annotations }) };
}

function builtPlatform(
  platform: ResolvedPlatform,
  layers: MadeLayer[],
  config: Document,
  manifest: Document,
): BuiltPlatform {
  const inherited = (platform.base?.manifest.layers ?? []).map(
    (layer, i): BuiltLayer => ({
      title: 'base',
      origin: 'base',
      digest: layer.digest,
      size: layer.size,
      diffId: platform.base?.config.rootfs.diff_ids[i] ?? layer.digest,
      cached: true,
    }),
  );
  const own = layers.map(
    ({ title, blob, cached }): BuiltLayer => ({
      title,
      origin: 'own',
      digest: blob.digest,
      size: blob.size,
      diffId: blob.diffId,
      cached,
    }),
  );
  return {
    platform: platform.text,
    manifest: { ...manifest.descriptor, platform: platform.platform },
    config: config.descriptor.digest,
    layers: [...inherited, ...own],
  };
}
