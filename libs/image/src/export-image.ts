import { arch } from 'node:os';
import { join, resolve } from 'node:path';
import { BatonError, withLock } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import {
  type Descriptor,
  flattenLayers,
  formatPlatform,
  openLayer,
  parsePlatform,
  samePlatform,
  unpackTo,
} from '@baton/oci';
import { baseBlobs } from './base-blobs.ts';
import { writeArchive, writeCompleteLayout } from './export-layout.ts';
import { type ExportedBlobs, exportedBlobs } from './exported-blobs.ts';
import { imageSection, saidOfTls } from './image-section.ts';
import type { ImageExportOptions } from './options.ts';
import { projectLock } from './project-lock.ts';
import { openRegistries } from './registries.ts';
import { readLayoutImage, type StoredImage, type StoredPlatform } from './sparse-layout.ts';
import type { ExportResult, ImageIo } from './types.ts';

/**
 * Writes a project's built image to another place, complete: layers of the base are fetched from where they are.
 *
 * `layout` is an OCI image layout in a directory, `archive` the same in one tar file with reproducible bytes, `rootfs`
 * the files of one platform (without `platform`: the only one, else this machine's). The target must be absent (a
 * directory may be empty); it appears complete or not at all. Errors: `USAGE`, `IMAGE_NOT_BUILT`, `PLATFORM_MISSING`.
 */
export async function exportImage(
  project: LoadedManifest,
  options: Omit<ImageExportOptions, 'path'>,
  io: ImageIo,
): Promise<ExportResult> {
  const section = imageSection(project);
  const to = resolve(options.to);
  const registries = openRegistries(io, { tls: saidOfTls(section) });
  try {
    const lock = await projectLock(project, io);
    return await withLock(
      lock.name,
      async () => {
        const { layout, image } = await readLayoutImage(join(project.dir, 'dist', 'image'));
        const base = await baseBlobs(project, section.base, undefined, registries);
        const blobs = exportedBlobs(layout.blobs, base, io);
        const common = { to, format: options.format, index: image.index.descriptor };
        if (options.format === 'rootfs') {
          const chosen = choosePlatform(image, options.platform);
          await unpackTo(to, flattenLayers(layerSources(chosen, blobs)), {
            where: `${to} (${formatPlatform(chosen.platform)})`,
          });
          return { ...common, platform: formatPlatform(chosen.platform), fetched: blobs.fetched() };
        }
        if (options.platform !== undefined) {
          throw new BatonError(
            'USAGE',
            `--platform belongs to the format rootfs, and the format is ${options.format}`,
            {
              hint: 'A layout holds all platforms of the image: leave --platform out.',
            },
          );
        }
        const write = options.format === 'archive' ? writeArchive : writeCompleteLayout;
        await write(to, image, blobs);
        return { ...common, fetched: blobs.fetched() };
      },
      lock.options,
    );
  } finally {
    registries.close();
  }
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
