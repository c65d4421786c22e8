import * as z from 'zod';
import { COMMON, count, directory, exactlyOneOf, flag, glob, globs, mapOf, path, someText, text } from './fields.ts';

const links = z
  .enum(['keep', 'retarget'])
  .meta({ description: 'What becomes of relative links that would dangle: an error (`keep`), or new targets.' });

const remove = z
  .strictObject({
    glob: globs('What is deleted: a path (a directory with all that is in it) or a glob.'),
    except: z
      .array(glob('A path or glob that stays.'))
      .meta({ description: 'What stays all the same.' })
      .exactOptional(),
    expect: count('How many files go.').exactOptional(),
    ...COMMON,
  })
  .describe('Removes tracked files.');

const move = z
  .strictObject({
    from: path('A file or directory of the input.'),
    to: path('Its new path.'),
    onto: z
      .enum(['absent', 'deleted', 'replace'])
      .meta({
        description:
          'What may be at `to`: nothing (`absent`, the default), something that another operation deletes or moves away (`deleted`), or something that goes for this (`replace`).',
      })
      .exactOptional(),
    links: links.exactOptional(),
    ...COMMON,
  })
  .describe('Moves a file or directory; modes and blobs stay.');

const flatten = z
  .strictObject({
    dir: path('The directory whose entries move, hidden ones included.'),
    into: directory('The directory that gets them; `.` is the root.'),
    collisions: mapOf(
      z.enum(['nested', 'outer', 'merge']),
      'For each name on both sides: whose entry stays, or that an edit `merge` joins them.',
    ).exactOptional(),
    links: links.exactOptional(),
    ...COMMON,
  })
  .describe('Moves all entries of a directory to another one.');

const link = z
  .strictObject({
    path: path('Where the link is.'),
    target: someText('What it points to; it must resolve in the result.'),
    ...COMMON,
  })
  .describe('Makes a symbolic link, or gives one a new target.');

const mode = z
  .strictObject({
    path: path('The file, named as it is after the moves.'),
    exec: flag('Whether it may be executed.'),
    ...COMMON,
  })
  .describe('Sets the executable bit.');

const create = exactlyOneOf(
  z.strictObject({
    path: path('Where the new file is; nothing may be there.'),
    exec: flag('Whether it may be executed.').exactOptional(),
    text: text('Its content.').exactOptional(),
    from: path('The file beside the manifest that is its content.').exactOptional(),
    ...COMMON,
  }),
  ['text', 'from'],
).describe('Makes a new file.');

/** One path operation: all read the input tree and are applied at once. */
export const pathOperation = exactlyOneOf(
  z.strictObject({
    delete: remove.exactOptional(),
    move: move.exactOptional(),
    flatten: flatten.exactOptional(),
    link: link.exactOptional(),
    mode: mode.exactOptional(),
    create: create.exactOptional(),
  }),
  ['delete', 'move', 'flatten', 'link', 'mode', 'create'],
).meta({ description: 'One path operation.', minProperties: 1, maxProperties: 1 });
