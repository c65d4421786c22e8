import * as z from 'zod';
import { IMAGE_PATH, RELATIVE_PATH } from './path-rules.ts';
import { IMAGE_REFERENCE, REPOSITORY } from './reference-rules.ts';
import { dockerfileSchema } from './schema-dockerfile.ts';
import { compressionSchema, layerSchema } from './schema-layer.ts';
import { retentionSchema } from './schema-retention.ts';
import { verifySchema } from './schema-verify.ts';
import { TAG_TEMPLATE } from './template-rule.ts';
import { described, plainText, textField, uniqueList } from './text-field.ts';
import { ENV_NAME, LABEL_KEY, PLATFORM, USER } from './value-rules.ts';
import { VERSION } from './version-rule.ts';

/** What the layers are put on. */
export const baseSchema = z
  .union([
    z.literal('scratch').describe('Nothing.'),
    z
      .strictObject({
        layout: described(textField(RELATIVE_PATH), "An OCI image layout, usually another project's `dist/image`."),
      })
      .describe('An image layout in this repository.'),
    z.strictObject({ ref: textField(IMAGE_REFERENCE) }).describe('An image in a registry.'),
  ])
  .describe('What the layers are put on: `scratch`, `{ layout: path }` or `{ ref: reference }`.');

/** The section `image`. */
export const imageSchema = z
  .strictObject({
    repository: textField(REPOSITORY).exactOptional(),
    version: described(
      textField(VERSION),
      'The version to publish, unless `--release` says another. Default: the release tag on this commit, if there is one.',
    ).exactOptional(),
    platforms: uniqueList(textField(PLATFORM), 1, 'The platforms the image is built for.').default(['linux/amd64']),
    driver: z
      .enum(['embedded', 'docker'])
      .describe(
        'What builds the image: `embedded` packs `layers` and needs no container engine, `docker` builds `dockerfile` with one.',
      )
      .default('embedded'),
    dockerfile: dockerfileSchema.exactOptional(),
    base: baseSchema.default('scratch'),
    layers: z.array(layerSchema).describe('The layers, bottom first.').default([]),
    compression: compressionSchema.default({ algorithm: 'gzip', level: 6 }),
    entrypoint: z.array(plainText()).describe('The program and its first arguments.').exactOptional(),
    cmd: z.array(plainText()).describe('Arguments that a caller may replace.').exactOptional(),
    user: textField(USER).exactOptional(),
    env: z
      .record(textField(ENV_NAME), plainText())
      .describe('Environment variables, added to those of the base.')
      .exactOptional(),
    workdir: described(textField(IMAGE_PATH), 'Where the program starts: an absolute path.').exactOptional(),
    volumes: uniqueList(
      textField(IMAGE_PATH),
      0,
      'Places that are meant to be mounted: absolute paths.',
    ).exactOptional(),
    labels: z
      .record(textField(LABEL_KEY), plainText())
      .describe("Labels in the image's configuration. `org.opencontainers.image.*` from git are added.")
      .exactOptional(),
    annotations: z
      .record(textField(LABEL_KEY), plainText())
      .describe('Annotations on manifests and index.')
      .exactOptional(),
    tags: uniqueList(textField(TAG_TEMPLATE), 1, 'The tags to publish under.').default(['{version}', 'sha-{commit}']),
    attest: z
      .array(z.enum(['statement', 'sbom', 'provenance', 'signature']))
      .describe(
        'What `publish` attaches to the image: the statement of its build, an SPDX list of what is in it, SLSA provenance, and (where a signing key is configured) a signature that cosign verifies.',
      )
      .default(['statement', 'sbom', 'provenance', 'signature']),
    verify: verifySchema.exactOptional(),
    retention: retentionSchema.exactOptional(),
    insecure: z
      .boolean()
      .describe('Whether the registry is spoken to without TLS. By default only loopback addresses are.')
      .exactOptional(),
  })
  .superRefine(({ platforms, layers, driver, dockerfile }, context) => {
    if (driver === 'docker' && dockerfile === undefined) {
      context.addIssue({
        code: 'custom',
        message: 'a section image.dockerfile, for that is what the driver docker builds',
        path: ['driver'],
        params: { hint: 'Add one, such as: dockerfile: { file: Dockerfile, context: . }' },
      });
    }
    // A layer for a platform that is not built would be skipped in silence.
    for (const [index, layer] of layers.entries()) {
      if (layer.platform === undefined || platforms.some((p) => samePlatform(p, layer.platform ?? p))) continue;
      context.addIssue({
        code: 'custom',
        message: `one of image.platforms (${platforms.join(', ')})`,
        path: ['layers', index, 'platform'],
      });
    }
  })
  .describe("The agent's image. Without this section there is no target `image`.");

// arm64 and arm64/v8 are one platform (containerd's normalisation).
function samePlatform(a: string, b: string): boolean {
  const normal = (text: string): string => text.replace(/\/arm64\/v8$/, '/arm64');
  return normal(a) === normal(b);
}
