import * as z from 'zod';
import {
  count,
  exactlyOneOf,
  flag,
  IN_FILES,
  mapOf,
  nodePath,
  on,
  path,
  position,
  someOf,
  someText,
  text,
  value,
} from './fields.ts';

/** `replace` without its files. */
export const replaceShape = {
  find: someText('The text to find, or with `regex` the pattern.'),
  with: text('What takes its place.'),
  count: count('How many matches there are; 1 when left out.').exactOptional(),
  word: flag('Only where no letter, digit or `_` stands on either side.').exactOptional(),
  regex: flag('`find` is a JavaScript regular expression; `with` may say `$1`, `$<name>`, `$$`.').exactOptional(),
  'ignore-case': flag('Upper and lower case are the same.').exactOptional(),
};

/** `lines` without its files. */
export const linesShape = {
  match: text('The whole line without its ending; with `regex`, a pattern for the whole line.'),
  regex: flag('`match` is a JavaScript regular expression.').exactOptional(),
  delete: on('The line goes.').exactOptional(),
  replace: text('The line becomes this.').exactOptional(),
  before: text('This comes before it.').exactOptional(),
  after: text('This comes after it.').exactOptional(),
  count: count('How many lines match; 1 when left out.').exactOptional(),
};
/** What `lines` can do. */
export const LINE_VERBS = ['delete', 'replace', 'before', 'after'];

const change = z
  .array(z.strictObject({ from: value('The value now.'), to: value('The value then.') }))
  .min(1)
  .meta({ description: 'Items that get another value.' });
const keepComment = flag('The comment of what is removed stays.').exactOptional();

const yamlListShape = {
  at: nodePath('The list.'),
  add: z
    .array(
      z.strictObject({
        value: value('The new item.'),
        position: position('Where it goes; at the end when left out.').exactOptional(),
        comment: text('A comment behind it.').exactOptional(),
      }),
    )
    .min(1)
    .meta({ description: 'New items.' })
    .exactOptional(),
  remove: z.array(value('The value of an item.')).min(1).meta({ description: 'Items that go.' }).exactOptional(),
  replace: change.exactOptional(),
  expect: count('How many items the list has before.').exactOptional(),
  'keep-comment': keepComment,
};
const yamlMapShape = {
  at: nodePath('The mapping.'),
  set: mapOf(value('The value.'), 'Keys and their new values.').exactOptional(),
  delete: z.array(z.string()).min(1).meta({ description: 'Keys that go.' }).exactOptional(),
  'rename-key': mapOf(z.string(), 'Old and new names of keys.').exactOptional(),
  'keep-comment': keepComment,
};
const yamlItemShape = {
  list: nodePath('The list.'),
  where: mapOf(value('The value of the field.'), 'Fields of the one item that is meant; a field may be a path.'),
  set: mapOf(value('The value.'), 'Fields and their new values.').exactOptional(),
  delete: flag('The item goes.').exactOptional(),
  'keep-comment': keepComment,
};
const dataEdit = exactlyOneOf(
  z.strictObject({
    at: nodePath('The node.'),
    set: value('Its new value.').exactOptional(),
    delete: on('It goes.').exactOptional(),
    add: z.array(value('A new item.')).min(1).meta({ description: 'New items of the list.' }).exactOptional(),
    position: position('Where new items go; at the end when left out.').exactOptional(),
    remove: z.array(value('The value of an item.')).min(1).meta({ description: 'Items that go.' }).exactOptional(),
    replace: change.exactOptional(),
  }),
  ['set', 'delete', 'add', 'remove', 'replace'],
).describe('One step: a place and one verb.');
const dataEdits = z.array(dataEdit).min(1).meta({ description: 'The steps; each is located in the original file.' });
const jsonShape = {
  format: z.enum(['json', 'jsonc', 'json5']).meta({ description: "By the file's name when left out." }).exactOptional(),
  ops: dataEdits,
};

const LIST_VERBS = ['add', 'remove', 'replace'];
const MAP_VERBS = ['set', 'delete', 'rename-key'];
const ITEM_VERBS = ['set', 'delete'];

const embeddedEdit = exactlyOneOf(
  z.strictObject({
    'yaml.list': someOf(z.strictObject(yamlListShape), LIST_VERBS).describe('As `yaml.list`.').exactOptional(),
    'yaml.map': someOf(z.strictObject(yamlMapShape), MAP_VERBS).describe('As `yaml.map`.').exactOptional(),
    'yaml.item': someOf(z.strictObject(yamlItemShape), ITEM_VERBS).describe('As `yaml.item`.').exactOptional(),
    'json.edit': z.strictObject(jsonShape).describe('As `json.edit`.').exactOptional(),
    lines: exactlyOneOf(z.strictObject(linesShape), LINE_VERBS).describe('As `lines`.').exactOptional(),
    replace: z.strictObject(replaceShape).describe('As `replace`.').exactOptional(),
  }),
  ['yaml.list', 'yaml.map', 'yaml.item', 'json.edit', 'lines', 'replace'],
).meta({ description: 'One edit of the embedded document.', minProperties: 1, maxProperties: 1 });

/** Edits of YAML, JSON and TOML. */
export const DATA_EDITS = {
  'yaml.list': someOf(z.strictObject({ ...yamlListShape, ...IN_FILES }), LIST_VERBS)
    .describe('Adds, removes, changes items of one YAML list.')
    .exactOptional(),
  'yaml.map': someOf(z.strictObject({ ...yamlMapShape, ...IN_FILES }), MAP_VERBS)
    .describe('Sets, deletes, renames keys of one YAML mapping.')
    .exactOptional(),
  'yaml.item': someOf(z.strictObject({ ...yamlItemShape, ...IN_FILES }), ITEM_VERBS)
    .describe('Changes or deletes one mapping in a YAML list, found by its fields.')
    .exactOptional(),
  'yaml.embedded': z
    .strictObject({
      at: nodePath('The block scalar.'),
      as: z.enum(['yaml', 'json', 'text']).meta({ description: 'What its text is.' }),
      ops: z.array(embeddedEdit).min(1).meta({ description: 'The edits of that text.' }),
      ...IN_FILES,
    })
    .describe('Edits the document in a YAML block scalar.')
    .exactOptional(),
  'yaml.carry': z
    .strictObject({
      from: path('A file of the input, also one that is deleted.'),
      node: nodePath('The node in that file.'),
      to: nodePath('The mapping or list that gets it.'),
      key: text('Its key in that mapping; its own when left out.').exactOptional(),
      at: z
        .union([z.literal('replace'), position('Where it goes.')])
        .meta({ description: 'Where it goes; `replace` takes the place of what is there.' })
        .exactOptional(),
      ...IN_FILES,
    })
    .describe('Copies a YAML node of the input, verbatim but for its indentation.')
    .exactOptional(),
  'json.edit': z
    .strictObject({ ...jsonShape, ...IN_FILES })
    .describe('Edits JSON, JSON with comments, JSON5.')
    .exactOptional(),
  'toml.edit': z
    .strictObject({ ops: dataEdits, ...IN_FILES })
    .describe('Edits TOML.')
    .exactOptional(),
};
