import * as z from 'zod';
import { bytesField } from './byte-text.ts';
import { exactlyOne, fixtureField, modeField, pathField, patternField, textField } from './text-rules.ts';

const generateSchema = z
  .strictObject({
    repeat: textField('text', 'A text that is repeated.').exactOptional(),
    lines: patternField(
      /^[^%]*%0[1-9]\d*d[^%]*$/,
      'a format with one number, like "line %08d\\n"',
      'A format with one `%0Nd` for the number of the line, from 0.',
    ).exactOptional(),
    count: z.int().min(0).describe('How many times.'),
    tail: textField('text', 'What follows; with `repeat` only.').exactOptional(),
  })
  .superRefine((generate, context) => {
    exactlyOne(generate, ['repeat', 'lines'], context);
    if (generate.tail !== undefined && generate.lines !== undefined) {
      context.addIssue({ code: 'custom', message: 'tail beside repeat only', path: ['tail'] });
    }
  })
  .describe('Contents that are too long to be written out.');

/** One thing that is laid out or taken away. */
export const entrySchema = z
  .strictObject({
    path: pathField('Where it is.'),
    type: z
      .enum(['file', 'dir', 'symlink', 'delete'])
      .describe('What it is; default `file`. `delete` takes away what is there.')
      .exactOptional(),
    mode: modeField('Permission bits; default "0644" for files and "0755" for directories.').exactOptional(),
    mtime: z.number().describe('Time of change, seconds since 1970.').exactOptional(),
    target: textField('the target of the link', 'Of a symlink: what it points to.').exactOptional(),
    contents: bytesField('The bytes of a file.', { nul: true }).exactOptional(),
    file: fixtureField('A file that holds the bytes, such as `fixtures/payload.bin`.').exactOptional(),
    generate: generateSchema.exactOptional(),
    tree: fixtureField(
      'A directory whose files, directories and links are laid out below `path`, such as `fixtures/one-step`; files that their owner may execute get mode 0755, others 0644.',
    ).exactOptional(),
  })
  .superRefine(checkKind)
  .describe('A file, directory or symlink.');

/** One thing that is laid out, as a file has it. */
export type EntryForm = z.output<typeof entrySchema>;

const ALLOWED: Record<'file' | 'dir' | 'symlink' | 'delete' | 'tree', readonly string[]> = {
  file: ['mode', 'mtime', 'contents', 'file', 'generate'],
  dir: ['mode', 'mtime'],
  symlink: ['target'],
  delete: [],
  tree: ['tree'],
};

function checkKind(entry: object, context: z.RefinementCtx): void {
  const { type, tree } = entry as { type?: 'file' | 'dir' | 'symlink' | 'delete'; tree?: string };
  const kind = tree !== undefined && type === undefined ? 'tree' : (type ?? 'file');
  for (const key of Object.keys(entry)) {
    if (key === 'path' || key === 'type' || ALLOWED[kind].includes(key)) continue;
    const keys = ALLOWED[kind].length === 0 ? 'path alone' : `path and ${ALLOWED[kind].join(', ')}`;
    context.addIssue({ code: 'custom', message: `an entry of the kind ${kind}, which has ${keys}`, path: [key] });
  }
  if (kind === 'file') exactlyOne(entry, ['contents', 'file', 'generate'], context);
  if (kind === 'symlink') exactlyOne(entry, ['target'], context);
}
