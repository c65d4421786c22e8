import * as z from 'zod';
import { GLOB, IMAGE_PATH, PACKAGE_PATH, RELATIVE_PATH } from './path-rules.ts';
import { DEBIAN_NAME, NPM_NAME } from './reference-rules.ts';
import { described, textField, uniqueList } from './text-field.ts';
import { MODE, OWNER, PLATFORM } from './value-rules.ts';
import { VERSION } from './version-rule.ts';

/** How a layer is compressed. Without `level`: gzip 6, zstd 3. */
export const compressionSchema = z
  .strictObject({
    algorithm: z.enum(['gzip', 'zstd', 'none']).describe('How layers are compressed.'),
    level: z
      .int()
      .min(0)
      .max(22)
      .describe('How hard to try: gzip 0 to 9 (default 6), zstd 1 to 22 (default 3).')
      .exactOptional(),
  })
  .superRefine(({ algorithm, level }, context) => {
    if (level === undefined) return;
    const complain = (message: string): void => context.addIssue({ code: 'custom', message, path: ['level'] });
    if (algorithm === 'none') complain('no level, because nothing is compressed');
    if (algorithm === 'gzip' && level > 9) complain('a gzip level from 0 to 9');
    if (algorithm === 'zstd' && level < 1) complain('a zstd level from 1 to 22');
  })
  .describe('How layers are compressed.');

const include = z
  .array(textField(GLOB))
  .min(1)
  .describe('Only files that match one of these globs. A glob that matches nothing is an error.')
  .exactOptional();
const exclude = z.array(textField(GLOB)).min(1).describe('No files that match one of these globs.').exactOptional();
const owner = textField(OWNER).default('0:0');
const mode = textField(MODE).exactOptional();
const platform = described(textField(PLATFORM), 'Only in the image of this platform. Default: in all.').exactOptional();
const compression = described(compressionSchema, 'As `image.compression`, for this layer alone.').exactOptional();
const to = described(textField(IMAGE_PATH), 'Where it goes in the image: an absolute path.');

/** A layer of files of the repository. */
export const filesLayerSchema = z
  .strictObject({
    from: described(textField(RELATIVE_PATH), "A file or directory, relative to the manifest's folder."),
    to,
    include,
    exclude,
    owner,
    mode,
    platform,
    compression,
  })
  .describe('Files of the repository.');

/** A layer of files of an npm package. */
export const npmLayerSchema = z
  .strictObject({
    npm: textField(NPM_NAME),
    version: described(textField(VERSION), "The package's exact version."),
    from: described(textField(PACKAGE_PATH), 'A file or directory inside the package. Default: all of it.').default(
      '.',
    ),
    to,
    include,
    exclude,
    owner,
    mode,
    platform,
    compression,
  })
  .describe('Files of an npm package.');

/** A layer of Debian packages, unpacked at the root. */
export const debianLayerSchema = z
  .strictObject({
    debian: uniqueList(textField(DEBIAN_NAME), 1, 'Debian packages, unpacked at the root of the image.'),
    resolve: z
      .enum(['current', 'locked'])
      .describe(
        "Which versions: `current` takes what the host's archive has and records it; `locked` takes what `image.lock.json` pins and fails on drift.",
      )
      .default('current'),
    platform,
    compression,
  })
  .describe('Debian packages, assembled on a Debian host without root.');

/** One layer, by where its files come from. */
export const layerSchema = z.union([filesLayerSchema, npmLayerSchema, debianLayerSchema]);
