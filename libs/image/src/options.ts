import * as z from 'zod';

// One definition serves the command line, the Nx executor schemas and the library: `.meta` carries what each needs.
const path = z
  .string()
  .default('.')
  .meta({ title: 'Project', description: 'The project: its folder, or its agent.yaml', argument: true });

const dryRun = z
  .boolean()
  .default(false)
  .meta({ title: 'Dry run', description: 'Print the plan and change nothing', 'x-priority': 'important' });

const release = z
  .string()
  .optional()
  .meta({ title: 'Release', description: 'The release version, X.Y.Z', 'x-priority': 'important' });

const locked = z.boolean().default(false).meta({
  title: 'Locked',
  description: 'Take every package exactly as image.lock.json pins it; fail when that is not possible',
});

const platform = z
  .string()
  .optional()
  .meta({ title: 'Platform', description: 'One platform only, such as linux/arm64' });

const driver = z.enum(['embedded', 'docker']).optional().meta({
  title: 'Driver',
  description: 'What builds the image, in place of image.driver: embedded packs layers, docker builds a Dockerfile',
});

/** Options of `image build`: what the `image` target and the command share. */
export const imageBuildOptions = z.strictObject({
  path,
  release,
  dryRun,
  locked,
  driver,
  platform: z.string().optional().meta({
    title: 'Platform',
    description: 'With the driver docker: build this platform only, to try it here; it takes all to publish',
  }),
  force: z
    .boolean()
    .default(false)
    .meta({ title: 'Force', description: 'Build although nothing changed; finished layers are still reused' }),
  bundle: z
    .boolean()
    .default(true)
    .meta({ title: 'Bundle', description: "Run the manifest's bundle command first (under Nx its own target does)" }),
});

/** Options of `image publish`. */
export const imagePublishOptions = z.strictObject({
  path,
  release,
  dryRun,
  build: z
    .boolean()
    .default(false)
    .meta({ title: 'Build', description: 'Bundle and build the image first', 'x-priority': 'important' }),
  repository: z
    .string()
    .optional()
    .meta({ title: 'Repository', description: 'Publish here, instead of where the manifest says' }),
  tag: z
    .array(z.string())
    .optional()
    .meta({ title: 'Tags', description: 'Tags or tag templates, instead of those of the manifest' }),
  acceptUnproven: z.string().min(1).optional().meta({
    title: 'Accept unproven',
    description: 'Publish without the statement that the build leaves; the reason is recorded',
  }),
  driver,
  locked,
  force: z
    .boolean()
    .default(false)
    .meta({ title: 'Force', description: 'Look at everything again, also what is known to be there' }),
});

/** Options of `image export`. */
export const imageExportOptions = z.strictObject({
  path,
  to: z
    .string()
    .meta({ title: 'To', description: 'Where to write: a directory, or a file for an archive', argument: true }),
  format: z.enum(['layout', 'archive', 'docker-archive', 'rootfs']).default('layout').meta({
    title: 'Format',
    description: 'A complete OCI layout, the same as one tar file, a file for "docker load", or the unpacked files',
  }),
  platform,
});

/** Options of `image inspect`. */
export const imageInspectOptions = z.strictObject({
  image: z
    .string()
    .default('.')
    .meta({ title: 'Image', description: 'A reference, an OCI layout directory or a project', argument: true }),
  platform,
  key: z.string().optional().meta({
    title: 'Key',
    description: 'A PEM file: what is attached must be signed by this key (default: BATON_SIGNING_KEY)',
  }),
  sbom: z
    .boolean()
    .default(false)
    .meta({ title: 'SBOM', description: 'Print the attached SPDX document of the platform, and nothing else' }),
  provenance: z
    .boolean()
    .default(false)
    .meta({ title: 'Provenance', description: 'Print the attached SLSA provenance, and nothing else' }),
});

/** Options of `image lock`. */
export const imageLockOptions = z.strictObject({
  path,
  check: z
    .boolean()
    .default(false)
    .meta({ title: 'Check', description: 'Only tell whether image.lock.json is up to date' }),
});

export type ImageBuildOptions = z.infer<typeof imageBuildOptions>;
export type ImagePublishOptions = z.infer<typeof imagePublishOptions>;
export type ImageExportOptions = z.infer<typeof imageExportOptions>;
export type ImageInspectOptions = z.infer<typeof imageInspectOptions>;
export type ImageLockOptions = z.infer<typeof imageLockOptions>;
