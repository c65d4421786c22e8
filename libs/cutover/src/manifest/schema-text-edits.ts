import * as z from 'zod';
import { count, exactlyOneOf, IN_FILES, line, mapOf, on, oneOrMore, path, someOf, someText, text } from './fields.ts';
import { LINE_VERBS, linesShape, replaceShape } from './schema-data-edits.ts';

const heading = (description: string) =>
  oneOrMore(someText('The text of a heading.'), `${description} Headings from the outside in, or the last one alone.`);
const under = heading('The section to look in.').exactOptional();

const fenceEdit = exactlyOneOf(
  z.strictObject({
    lines: exactlyOneOf(z.strictObject(linesShape), LINE_VERBS).describe('As `lines`.').exactOptional(),
    replace: z.strictObject(replaceShape).describe('As `replace`.').exactOptional(),
  }),
  ['lines', 'replace'],
).meta({ description: 'One edit of the text inside.', minProperties: 1, maxProperties: 1 });

/** Edits of Markdown, Makefiles, Dockerfiles and plain text. */
export const TEXT_EDITS = {
  replace: z
    .strictObject({ ...replaceShape, ...IN_FILES })
    .describe('Text for text.')
    .exactOptional(),
  repath: z
    .strictObject({
      styles: z
        .array(z.enum(['repository', 'file', 'cwd', 'markdown']))
        .min(1)
        .meta({
          description: 'How references are recognised: from the root, from the file, from a work directory, as links.',
        }),
      cwd: z
        .array(
          z.strictObject({
            dir: text('The work directory before the moves.'),
            from: z.int().min(1).describe('First line, from 1.').exactOptional(),
            to: z.int().min(1).describe('Last line.').exactOptional(),
          }),
        )
        .meta({ description: 'For style `cwd`: the directory that lines run in.' })
        .exactOptional(),
      except: z.array(text('A glob.')).meta({ description: 'Files that are left out.' }).exactOptional(),
      ...IN_FILES,
    })
    .describe('References follow the moves.')
    .exactOptional(),
  'md.section': exactlyOneOf(
    z.strictObject({
      heading: heading('The section.'),
      replace: text('Its new text, without the heading.').exactOptional(),
      remove: on('It goes.').exactOptional(),
      rename: line('Its new heading.').exactOptional(),
      append: text('Text at its end.').exactOptional(),
      ...IN_FILES,
    }),
    ['replace', 'remove', 'rename', 'append'],
  )
    .describe('One section of Markdown.')
    .exactOptional(),
  'md.bullet': exactlyOneOf(
    z.strictObject({
      under,
      match: someText('Text that the item contains.'),
      replace: text('Its new text.').exactOptional(),
      remove: on('It goes.').exactOptional(),
      before: text('An item before it.').exactOptional(),
      after: text('An item after it.').exactOptional(),
      ...IN_FILES,
    }),
    ['replace', 'remove', 'before', 'after'],
  )
    .describe('One list item of Markdown.')
    .exactOptional(),
  'md.row': exactlyOneOf(
    z.strictObject({
      under,
      match: z
        .union([someText('Text of a cell.'), mapOf(z.string(), 'Cells by column.')])
        .meta({ description: 'The text of a cell, or cells by column.' }),
      set: mapOf(z.string(), 'New cells by column.').exactOptional(),
      remove: on('The row goes.').exactOptional(),
      after: z.array(z.string()).min(1).meta({ description: 'The cells of a row behind it.' }).exactOptional(),
      ...IN_FILES,
    }),
    ['set', 'remove', 'after'],
  )
    .describe('One table row of Markdown.')
    .exactOptional(),
  'md.fence': exactlyOneOf(
    z.strictObject({
      under,
      lang: text('The language of the block.').exactOptional(),
      match: text('Text that it contains.').exactOptional(),
      replace: text('Its new inside.').exactOptional(),
      remove: on('It goes.').exactOptional(),
      ops: z.array(fenceEdit).min(1).meta({ description: 'Edits of its inside.' }).exactOptional(),
      ...IN_FILES,
    }),
    ['replace', 'remove', 'ops'],
  )
    .describe('One fenced code block of Markdown.')
    .exactOptional(),
  'make.target': someOf(
    z.strictObject({
      name: someText('The target.'),
      rename: someText('Its new name.').exactOptional(),
      remove: on('It goes.').exactOptional(),
      add: someText('The whole text of the new rule.').exactOptional(),
      after: someText('The target that a new rule comes behind.').exactOptional(),
      recipe: text('The new recipe, without tabs.').exactOptional(),
      prerequisites: z.array(z.string()).meta({ description: 'The new prerequisites.' }).exactOptional(),
      ...IN_FILES,
    }),
    ['rename', 'remove', 'add', 'recipe', 'prerequisites'],
  )
    .describe('One rule of a Makefile, with its `.PHONY` and help.')
    .exactOptional(),
  'make.var': exactlyOneOf(
    z.strictObject({
      name: someText('The variable.'),
      set: text('Its new value.').exactOptional(),
      rename: someText('Its new name.').exactOptional(),
      remove: on('It goes.').exactOptional(),
      ...IN_FILES,
    }),
    ['set', 'rename', 'remove'],
  )
    .describe('One variable of a Makefile.')
    .exactOptional(),
  'docker.instr': exactlyOneOf(
    z.strictObject({
      stage: z
        .union([z.string(), z.int().min(0)])
        .meta({ description: 'The name or number of a stage; the whole file when left out.' })
        .exactOptional(),
      instruction: someText('The keyword.'),
      match: text('Text that the arguments contain.').exactOptional(),
      set: text('The new arguments.').exactOptional(),
      remove: on('It goes.').exactOptional(),
      before: text('An instruction before it.').exactOptional(),
      after: text('An instruction after it.').exactOptional(),
      count: count('How many instructions match; 1 when left out.').exactOptional(),
      ...IN_FILES,
    }),
    ['set', 'remove', 'before', 'after'],
  )
    .describe('Instructions of a Dockerfile.')
    .exactOptional(),
  lines: exactlyOneOf(z.strictObject({ ...linesShape, ...IN_FILES }), LINE_VERBS)
    .describe('Whole lines.')
    .exactOptional(),
  merge: z
    .strictObject({
      how: z
        .enum(['union-lines', 'concat', 'sections'])
        .meta({ description: 'Lines of both once; one behind the other; by Markdown heading or Makefile target.' }),
      ours: path('A file of the input.'),
      theirs: path('Another file of the input.'),
      ...IN_FILES,
    })
    .describe('Two files of the input become one.')
    .exactOptional(),
  patch: exactlyOneOf(
    z.strictObject({
      diff: someText('The unified diff.').exactOptional(),
      from: path('The file beside the manifest that holds it.').exactOptional(),
      ...IN_FILES,
    }),
    ['diff', 'from'],
  )
    .describe('A unified diff, without fuzz.')
    .exactOptional(),
  'replace-file': z
    .strictObject({ from: path('The file beside the manifest.'), ...IN_FILES })
    .describe('A file beside the manifest takes the place of another.')
    .exactOptional(),
  changelog: exactlyOneOf(
    z.strictObject({
      format: z.enum(['keep-a-changelog', 'git-cliff', 'plain']).meta({ description: 'The form of the file.' }),
      version: line('The version of the entry, or `Unreleased`.'),
      date: line('Its date.').exactOptional(),
      entry: someText('The Markdown below the heading.').exactOptional(),
      from: path('The file beside the manifest that holds it.').exactOptional(),
      section: line('The subsection that gets it: `Changed`.').exactOptional(),
      ...IN_FILES,
    }),
    ['entry', 'from'],
  )
    .describe('A new entry of a changelog.')
    .exactOptional(),
  notes: exactlyOneOf(
    z.strictObject({
      under: line('The heading.'),
      text: someText('The Markdown below it.').exactOptional(),
      from: path('The file beside the manifest that holds it.').exactOptional(),
      ...IN_FILES,
    }),
    ['text', 'from'],
  )
    .describe('Text of release notes.')
    .exactOptional(),
};
