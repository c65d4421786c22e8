import { arch } from 'node:os';
import { resolve } from 'node:path';
import { BatonError } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import {
  type Descriptor,
  flattenLayers,
  formatPlatform,
  openLayer,
  parsePlatform,
  samePlatform,
  unpackTo,
  writeDockerArchive,
} from '@baton/oci';
import { writeArchive, writeCompleteLayout, writeNewFile } from './export-layout.ts';
import type { ExportedBlobs } from './exported-blobs.ts';
import { engineArchive } from './load/engine-archive.ts';
import { engineNames } from './load/engine-name.ts';
import { withProject } from './load/image-source.ts';
import type { ImageExportOptions } from './options.ts';
import type { StoredImage, StoredPlatform } from './sparse-layout.ts';
import type { ExportResult, ImageIo } from './types.ts';

/**
 * Writes a project's built image to another place, complete: layers of the base are fetched from where they are.
 *
 * `layout` is an OCI image layout in a directory, `archive` the same in one tar file with reproducible bytes,
 * `docker-archive` one platform in the form of `docker save` (every engine loads it), `rootfs` the files of one platform
 * (without `platform`: the only one, else this machine's). The target must be absent (a directory may be empty); it
 * appears complete or not at all. Errors: `USAGE`, `IMAGE_NOT_BUILT`, `PLATFORM_MISSING`.
 */
export async function exportImage(
  project: LoadedManifest,
  options: Omit<ImageExportOptions, 'path'>,
  io: ImageIo,
): Promise<ExportResult> {
  const to = resolve(options.to);
  return await withProject(project, io, async (found) => {
    const { image, blobs } = found;
    const common = { to, format: options.format, index: image.index.descriptor };
    if (options.format === 'rootfs' || options.format === 'docker-archive') {
      const chosen = choosePlatform(image, options.platform);
      const platform = formatPlatform(chosen.platform);
      if (options.format === 'rootfs') {
        await unpackTo(to, flattenLayers(layerSources(chosen, blobs)), { where: `${to} (${platform})` });
        return { ...common, platform, fetched: blobs.fetched() };
      }
      const names = engineNames(undefined, found, chosen);
      const archive = await engineArchive(chosen, blobs, names, io);
      await writeNewFile(to, writeDockerArchive([archive.image]));
      return { ...common, platform, names, fetched: blobs.fetched() };
    }
    if (options.platform !== undefined) {
      throw new BatonError(
        'USAGE',
        `--platform belongs to the formats rootfs and docker-archive, and the format is ${options.format}`,
        { hint: 'A layout holds all platforms of the image: leave --platform out.' },
      );
    }
    const write = options.format === 'archive' ? writeArchive : writeCompleteLayout;
    await write(to, image, blobs);
    return { ...common, fetched: blobs.fetched() };
  });
}

function layerSources(platform: StoredPlatform, blobs: ExportedBlobs): Parameters<typeof flattenLayers>[0] {
  return platform.manifest.layers.map((layer: Descriptor) => ({
    where: `layer ${layer.digest}`,
    open: () => openLayer(blobs.open(layer), layer.mediaType, `layer ${layer.digest}`),
  }));
}

/** The platform to unpack. Errors: `PLATFORM_MISSING`, `USAGE` (several, none of them this machine's). */
function choosePlatform(image: StoredImage, wanted: string | undefined): StoredPlatform {
  const names = image.platforms.map(({ platform }) => formatPlatform(platform)).join(', ');
  const find = (text: string): StoredPlatform | undefined =>
    image.platforms.find(({ platform }) => samePlatform(platform, parsePlatform(text)));
  if (wanted !== undefined) {
    const found = find(wanted);
    if (found !== undefined) return found;
    throw new BatonError('PLATFORM_MISSING', `the image has no platform ${wanted}, it has ${names}`, {
      hint: 'Name one of them with --platform.',
    });
  }
  const [only, ...others] = image.platforms;
  const here = HERE[arch()];
  const chosen = others.length === 0 ? only : here === undefined ? undefined : find(here);
  if (chosen !== undefined) return chosen;
  throw new BatonError('USAGE', `the image has the platforms ${names}: which one?`, {
    hint: 'Name one with --platform.',
  });
}

const HERE: Partial<Record<string, string>> = { x64: 'linux/amd64', arm64: 'linux/arm64' };
