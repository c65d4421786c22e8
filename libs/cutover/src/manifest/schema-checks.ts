import * as z from 'zod';
import {
  COMMON,
  directory,
  exactlyOneOf,
  flag,
  glob,
  globs,
  line,
  oneOrMore,
  path,
  patterned,
  someText,
  text,
} from './fields.ts';

const id = (description: string) =>
  patterned(/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/, 'an id of lower-case letters, digits, ".", "_" and "-"', description);
const argv = z
  .array(someText('One argument.'))
  .min(1)
  .meta({ description: 'The program and its arguments; no shell.' });
const timeout = z.number().positive().max(86_400).meta({ description: 'Seconds; 300 when left out.' }).exactOptional();
const network = z
  .enum(['none', 'host'])
  .meta({ description: '`none` (the default): no network where the machine allows to take it away.' })
  .exactOptional();
const cwd = directory('The directory to run in; the root when left out.').exactOptional();
const reason = someText('Why it may stay.');
const except = (of: string, description: string) =>
  z
    .array(z.strictObject({ path: glob('The file.'), [of]: someText(description), reason }))
    .meta({ description: 'What may stay; one that matches nothing is an error.' })
    .exactOptional();
const within = globs('Where it looks; the whole tree when left out.').exactOptional();

/** One generator. */
export const generateOperation = z
  .strictObject({
    run: z
      .strictObject({
        cmd: argv,
        cwd,
        outputs: z.array(glob('A file or glob.')).min(1).meta({ description: 'The only files that may differ.' }),
        network,
        timeout,
        ...COMMON,
      })
      .describe('Runs a program in a private checkout of the result; a second run must give the same bytes.'),
  })
  .describe('One generator.');

/** One scan of the result. */
export const scanOperation = exactlyOneOf(
  z.strictObject({
    forbid: z
      .strictObject({
        id: id('Its name in reports.').exactOptional(),
        pattern: oneOrMore(someText('A word or pattern.'), 'What must not remain.'),
        word: flag('Whole words only, which is the default.').exactOptional(),
        regex: flag('`pattern` is a JavaScript regular expression.').exactOptional(),
        'ignore-case': flag('Upper and lower case are the same.').exactOptional(),
        in: within,
        not: z.array(glob('A path or glob.')).meta({ description: 'Where it does not look.' }).exactOptional(),
        except: except('line', 'The whole line without its indentation.'),
        ...COMMON,
      })
      .describe('Lines that still name the old.')
      .exactOptional(),
    links: z
      .strictObject({ in: within, except: except('link', 'The link as it is written.'), ...COMMON })
      .describe('Markdown links that lead nowhere.')
      .exactOptional(),
    'dead-paths': z
      .strictObject({ in: within, except: except('reference', 'The path as it is written.'), ...COMMON })
      .describe('Paths in workflows, Dockerfiles, Makefiles, owners that lead nowhere.')
      .exactOptional(),
  }),
  ['forbid', 'links', 'dead-paths'],
).meta({ description: 'One scan.', minProperties: 1, maxProperties: 1 });

/** One criterion. */
export const criterion = exactlyOneOf(
  z.strictObject({
    id: id('Its name in reports.'),
    text: text('What it means, for people.').exactOptional(),
    exists: globs('Each must match something.').exactOptional(),
    absent: globs('Nothing may match.').exactOptional(),
    blobs: flag(
      'With `absent`: the content that the input has there must be gone, wherever; the paths may be used again.',
    ).exactOptional(),
    contains: z
      .strictObject({
        path: path('The file.'),
        text: someText('The text.'),
        regex: flag('`text` is a JavaScript regular expression.').exactOptional(),
        not: flag('The file must not contain it.').exactOptional(),
      })
      .describe('A file has a text.')
      .exactOptional(),
    'same-blob': z
      .strictObject({ from: path('In the input.'), to: path('In the result.') })
      .describe('Two files have the same bytes and mode.')
      .exactOptional(),
    cmd: z
      .strictObject({
        run: argv,
        cwd,
        timeout,
        network,
        needs: z
          .array(someText('A program.'))
          .meta({ description: 'Programs without which it is pending.' })
          .exactOptional(),
      })
      .describe('A program ends with 0 in a private checkout of the result.')
      .exactOptional(),
    parity: z
      .strictObject({
        kind: z.enum(['workflow', 'dockerfile', 'makefile']).meta({ description: 'What the files are.' }),
        old: path('The file in the input.'),
        new: path('The file in the result.'),
        losses: z
          .array(z.strictObject({ what: line('The loss as the plan names it.'), reason }))
          .meta({ description: 'What may be lost.' })
          .exactOptional(),
      })
      .describe('What the old file could do, the new one can.')
      .exactOptional(),
  }),
  ['exists', 'absent', 'contains', 'same-blob', 'cmd', 'parity'],
).describe('One criterion of acceptance.');

/** One demanded statement. */
export const gate = z
  .strictObject({
    id: id('Its name in reports.'),
    evidence: z
      .enum(['parity', 'imported', 'image', 'verify'])
      .meta({ description: 'Which statement; `imported` is of a suite that Baton does not run.' }),
    image: digest('The image that it is about.').exactOptional(),
    corpus: digest('The scenarios that it is about.').exactOptional(),
    name: someText('The name of the imported suite.').exactOptional(),
    from: z
      .array(someText('A directory or file.'))
      .meta({ description: "Where it is looked for; `dist/evidence` of the manifest's directory when left out." })
      .exactOptional(),
  })
  .describe('One statement that must exist.');

function digest(description: string) {
  return patterned(/^sha256:[0-9a-f]{64}$/, 'sha256: and 64 hexadecimal digits', description);
}
