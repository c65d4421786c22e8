import { BatonError } from '@baton/kernel';
import type { DockerfileSection, LoadedManifest } from '@baton/manifest';
import { imageSection } from '../image-section.ts';

/** What can build an image. */
export type Driver = 'embedded' | 'docker';

/**
 * The driver of a build or publish: what the caller says, else what the manifest says.
 *
 * A manifest may describe an image for both (`layers` and `dockerfile`), with `driver: embedded`; the caller then chooses.
 * Errors: `DRIVER_UNSUPPORTED` (the manifest does not say what that driver would build, or wants what it leaves out).
 */
export function driverOf(
  project: LoadedManifest,
  options: { driver?: Driver | undefined; platform?: string | undefined },
): Driver {
  const image = imageSection(project);
  const driver = options.driver ?? image.driver;
  if (driver === 'docker') dockerfileOf(project);
  if (driver === 'embedded' && options.platform !== undefined) {
    throw new BatonError('DRIVER_UNSUPPORTED', 'the driver embedded builds all platforms of agent.yaml at once', {
      hint: 'Leave --platform out; every platform is made on this machine, whatever it is.',
    });
  }
  if (options.driver === undefined && driver === 'docker' && image.layers.length > 0) {
    throw new BatonError(
      'DRIVER_UNSUPPORTED',
      'agent.yaml says driver: docker and lists layers, which only the driver embedded packs',
      {
        hint: 'To build both ways, say driver: embedded there and choose with --driver docker; else remove the layers.',
      },
    );
  }
  if (options.driver === 'embedded' && image.driver === 'docker' && image.layers.length === 0) {
    throw new BatonError('DRIVER_UNSUPPORTED', 'agent.yaml lists no layers that the driver embedded could pack', {
      hint: 'Leave --driver out, or list layers: image: { layers: [{ from: dist/bundle, to: /app }] }',
    });
  }
  return driver;
}

/** The section that the driver docker builds. Errors: `DRIVER_UNSUPPORTED`. */
export function dockerfileOf(project: LoadedManifest): DockerfileSection {
  const section = imageSection(project).dockerfile;
  if (section !== undefined) return section;
  throw new BatonError(
    'DRIVER_UNSUPPORTED',
    'agent.yaml has no section image.dockerfile, which the driver docker builds',
    {
      hint: 'Add one, such as: dockerfile: { file: Dockerfile, context: . }; or use --driver embedded.',
    },
  );
}
