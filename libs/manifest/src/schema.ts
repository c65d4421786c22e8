import * as z from 'zod';
import { RELATIVE_PATH } from './path-rules.ts';
import { cutoverSectionSchema } from './schema-cutover.ts';
import { type baseSchema, imageSchema } from './schema-image.ts';
import type { debianLayerSchema, filesLayerSchema, layerSchema, npmLayerSchema } from './schema-layer.ts';
import { paritySchema } from './schema-parity.ts';
import { RELEASE_TEMPLATE } from './template-rule.ts';
import { described, plainText, textField, uniqueList } from './text-field.ts';
import { NAME } from './value-rules.ts';

const path = textField(RELATIVE_PATH);

/** The section `bundle`. */
export const bundleSchema = z
  .strictObject({
    command: z
      .array(plainText().min(1))
      .min(1)
      .describe("Makes the bundle: program and arguments, run in the manifest's folder without a shell."),
    inputs: uniqueList(
      path,
      1,
      "What the bundle is made from: files and directories. Default: the manifest's folder without `dist` and `node_modules`.",
    ).exactOptional(),
    outputs: uniqueList(path, 1, 'What the command makes.').default(['dist/bundle']),
    metafile: described(path, "esbuild's metafile: the inputs it lists are watched as well.").exactOptional(),
  })
  .describe('How the program is made that the image holds. Without this section there is no target `bundle`.');

/** The section `evidence`. */
export const evidenceSchema = z
  .strictObject({
    policy: z
      .enum(['unsigned', 'key'])
      .describe('Which statements are accepted: `unsigned` takes all and says so, `key` wants a valid signature.')
      .default('unsigned'),
    key: described(
      path,
      'A PEM file: a private key signs and verifies, a public key verifies. `BATON_SIGNING_KEY` names a private key outside the repository.',
    ).exactOptional(),
  })
  .describe('How statements are signed and which are accepted.');

/** The section `release`. */
export const releaseSchema = z
  .strictObject({ tag: textField(RELEASE_TEMPLATE).default('{name}/v{version}') })
  .describe('How releases are named.');

/** The whole of `agent.yaml`, version 1. */
export const agentSchema = z
  .strictObject({
    version: z.literal(1).describe("The version of this file's format: 1."),
    name: textField(NAME),
    bundle: bundleSchema.exactOptional(),
    image: imageSchema.exactOptional(),
    parity: paritySchema.exactOptional(),
    cutover: cutoverSectionSchema.exactOptional(),
    evidence: evidenceSchema.default({ policy: 'unsigned' }),
    release: releaseSchema.default({ tag: '{name}/v{version}' }),
  })
  .describe('One agent: how it is bundled, built, published and released.');

/** A manifest as read: checked, with defaults filled in. */
export type AgentManifest = z.infer<typeof agentSchema>;
/** The section `bundle`. */
export type BundleSection = z.infer<typeof bundleSchema>;
/** The section `image`. */
export type ImageSection = z.infer<typeof imageSchema>;
/** The section `cutover`. */
export type CutoverSection = z.infer<typeof cutoverSectionSchema>;

/** The section `parity`. */
export type ParitySection = z.infer<typeof paritySchema>;
/** The section `image.dockerfile`. */
export type DockerfileSection = NonNullable<ImageSection['dockerfile']>;
/** The section `image.verify`. */
export type VerifySection = NonNullable<ImageSection['verify']>;
/** The section `image.retention`. */
export type RetentionSection = NonNullable<ImageSection['retention']>;
/** What the layers are put on. */
export type BaseSection = z.infer<typeof baseSchema>;
/** One layer; tell them apart with `'npm' in layer` and `'debian' in layer`. */
export type LayerSection = z.infer<typeof layerSchema>;
/** A layer of files of the repository. */
export type FilesLayer = z.infer<typeof filesLayerSchema>;
/** A layer of files of an npm package. */
export type NpmLayer = z.infer<typeof npmLayerSchema>;
/** A layer of Debian packages. */
export type DebianLayer = z.infer<typeof debianLayerSchema>;
/** The section `evidence`. */
export type EvidenceSection = z.infer<typeof evidenceSchema>;
