import { resolve, sep } from 'node:path';
import type { ReadStatement } from '@baton/evidence';
import type { ImageSection, LoadedManifest } from '@baton/manifest';
import type { ContentStore, Descriptor } from '@baton/oci';
import pLimit from 'p-limit';
import type { BaseBlobs } from '../base-blobs.ts';
import type { StoredPlatform } from '../sparse-layout.ts';
import { baseText } from '../statements.ts';
import { type BundledPackages, bundledPackages } from './bundled-packages.ts';
import { type LayerFacts, layerFacts, mayHoldPackages } from './layer-facts.ts';
import { type SbomLayer, sbomOf } from './sbom.ts';
import type { SpdxDocument } from './spdx.ts';

/** Layers that are read at the same time: unpacking keeps a core busy. */
const AT_ONCE = 2;

/** What the contents of an image are found out from. */
export interface ContentsSource {
  project: LoadedManifest;
  section: ImageSection;
  store: ContentStore;
  base: BaseBlobs | undefined;
  /** What the build left; undefined for an image that was accepted without proof. */
  built: ReadStatement | undefined;
  cacheDir: string;
  /** The image is what a container engine made of a Dockerfile. */
  byEngine: boolean;
}

/** What is in the image of each platform, as SPDX documents, and what a person should know about them. */
export async function imageContents(
  platforms: readonly StoredPlatform[],
  source: ContentsSource,
): Promise<{ documents: SpdxDocument[]; notes: string[] }> {
  const limit = pLimit(AT_ONCE);
  const reading = new Map<string, Promise<LayerFacts>>();
  const factsOf = (layer: Descriptor): Promise<LayerFacts> => {
    const known = reading.get(layer.digest) ?? limit(() => layerFacts(layer, () => bytesOf(layer), source.cacheDir));
    reading.set(layer.digest, known);
    return known;
  };
  async function* bytesOf(layer: Descriptor): AsyncGenerator<Uint8Array> {
    const { store, base } = source;
    const own = base === undefined || (await store.has(layer.digest, layer.size));
    yield* own ? store.stream(layer.digest, layer.size) : base.open(layer);
  }
  const bundle = await bundledPackages(source.project);
  const documents = await Promise.all(
    platforms.map(async (platform) =>
      describePlatform(platform, await layersOf(platform, source, factsOf), bundle, source),
    ),
  );
  const unknown = bundle?.unknown;
  return {
    documents,
    notes: unknown === undefined ? [] : [`the SBOM does not list the npm packages of the bundle: ${unknown}`],
  };
}

function describePlatform(
  { platform, descriptor, manifest, config }: StoredPlatform,
  layers: SbomLayer[],
  bundle: BundledPackages | undefined,
  { project, section, built, byEngine }: ContentsSource,
): SpdxDocument {
  const labels = config.config?.Labels ?? {};
  const base = manifest.annotations?.['org.opencontainers.image.base.digest'];
  const outputs = (project.manifest.bundle?.outputs ?? []).map((output) => resolve('/', output));
  return sbomOf({
    name: project.manifest.name,
    version: labels['org.opencontainers.image.version'],
    licenses: labels['org.opencontainers.image.licenses'],
    revision: labels['org.opencontainers.image.revision'],
    platform,
    manifest: descriptor.digest,
    created: wholeSeconds(config.created),
    layers,
    base:
      byEngine || section.base === 'scratch'
        ? undefined
        : { name: baseText(section.base), digest: base as `sha256:${string}` | undefined },
    bundle,
    bundleForSteps: byEngine,
    holdsBundle: ({ origin, title }) => {
      const from = origin === 'own' ? /^files (.*) -> \//.exec(title ?? '')?.[1] : undefined;
      if (from === undefined) return false;
      const place = resolve('/', from);
      return outputs.some(
        (output) => place === output || place.startsWith(`${output}${sep}`) || output.startsWith(`${place}${sep}`),
      );
    },
    integrityOf: (id) => {
      const hex = built?.statement.predicate.materials.find(({ name }) => name === `npm:${id}`)?.digest.sha512;
      return hex === undefined ? undefined : `sha512-${Buffer.from(hex, 'hex').toString('base64')}`;
    },
  });
}

async function layersOf(
  { manifest, config }: StoredPlatform,
  { store }: ContentsSource,
  factsOf: (layer: Descriptor) => Promise<LayerFacts>,
): Promise<SbomLayer[]> {
  const history = (config.history ?? []).filter((entry) => entry.empty_layer !== true);
  const paired = history.length === manifest.layers.length;
  return await Promise.all(
    manifest.layers.map(async (layer, i): Promise<SbomLayer> => {
      const says = paired ? history[i]?.created_by : undefined;
      // The history of a base is somebody else's text: what is no line of ours says nothing.
      const title = /^baton: ([^\x00-\x1f\x7f]+)$/.exec(says ?? '')?.[1];
      const own = await store.has(layer.digest, layer.size);
      return {
        digest: layer.digest,
        title,
        origin: own ? 'own' : 'base',
        facts: canHoldPackages(title) ? await factsOf(layer) : undefined,
      };
    }),
  );
}

// A layer of files that were put into one place says which in its title; what is far from dpkg's database is not read.
function canHoldPackages(title: string | undefined): boolean {
  const to = /^(?:files|npm) .* -> (\/[^>]*)$/.exec(title ?? '')?.[1];
  return to === undefined || mayHoldPackages(to);
}

function wholeSeconds(created: string | undefined): string {
  const time = created === undefined ? 0 : Date.parse(created);
  return `${new Date(Number.isFinite(time) ? time : 0).toISOString().slice(0, 19)}Z`;
}
