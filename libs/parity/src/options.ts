import * as z from 'zod';

// One definition serves the command line, the Nx executor schemas and the library: `.meta` carries what each needs.
const path = z
  .string()
  .default('.')
  .meta({ title: 'Project', description: 'The project: its folder, or its agent.yaml', argument: true });

const only = z.array(z.string().min(1)).default([]).meta({
  title: 'Only',
  description: 'These scenarios, by id or by the first part of ids; such a run proves nothing about the rest',
});

const tag = z.array(z.string().min(1)).default([]).meta({ title: 'Tags', description: 'Scenarios with this tag only' });

/** Options of `parity run`: what the `parity` target and the command share. */
export const parityRunOptions = z.strictObject({
  path,
  only,
  tag,
  shard: z.string().optional().meta({
    title: 'Shard',
    description: 'One of N parts of the scenarios, as I/N; "baton parity merge" joins the results',
    'x-priority': 'important',
  }),
  concurrency: z
    .int()
    .min(1)
    .max(1024)
    .optional()
    .meta({ title: 'Concurrency', description: 'How many scenarios run at the same time; default: by the machine' }),
  noise: z.enum(['old', 'new']).optional().meta({
    title: 'Noise',
    description: 'Run this subject twice and compare it with itself, to see what it does not do the same twice',
  }),
  cache: z
    .boolean()
    .default(true)
    .meta({ title: 'Cache', description: 'Take verdicts of former runs on the same bytes; they are shown as cached' }),
  recordCosts: z.boolean().default(false).meta({
    title: 'Record costs',
    description: 'Write how long each scenario took beside the goldens: it decides the order of a run, and the shards',
  }),
  date: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'expected a day as YYYY-MM-DD')
    .optional()
    .meta({
      title: 'Date',
      description: 'Take this day for today, as YYYY-MM-DD: declared divergences end on a day',
    }),
});

/** Options of `parity merge`. */
export const parityMergeOptions = z.strictObject({
  path,
  from: z
    .array(z.string().min(1))
    .min(1)
    .meta({ title: 'From', description: 'A directory that a shard left: its dist/parity' }),
});

/** Options of `parity show`. */
export const parityShowOptions = z.strictObject({
  path: z
    .string()
    .default('.')
    .meta({ title: 'Project', description: 'The project, or a directory that a run left', argument: true }),
  only: z.array(z.string().min(1)).default([]).meta({
    title: 'Only',
    description: 'Everything that is kept about these scenarios, by id or by the first part of ids',
  }),
});

/** Options of `parity list`. */
export const parityListOptions = z.strictObject({
  path: z
    .string()
    .default('.')
    .meta({ title: 'Project', description: 'The project, or a folder of scenarios', argument: true }),
  only,
  tag,
});

/** Options of `parity import`. */
export const parityImportOptions = z.strictObject({
  recordings: z
    .string()
    .meta({ title: 'Recordings', description: 'One recording, or a folder of recordings', argument: true }),
  path,
  of: z
    .string()
    .min(1)
    .default('a recorded program')
    .meta({ title: 'Of', description: 'What was recorded: the name that reports give OLD' }),
  goldens: z
    .boolean()
    .default(true)
    .meta({ title: 'Goldens', description: 'Write what was recorded as goldens, not the scenarios alone' }),
  overwrite: z
    .boolean()
    .default(false)
    .meta({ title: 'Overwrite', description: 'Replace scenarios and goldens that are there and differ' }),
});

/** Options of `parity record`. */
export const parityRecordOptions = z.strictObject({
  path,
  only,
  tag,
  concurrency: z
    .int()
    .min(1)
    .max(1024)
    .optional()
    .meta({ title: 'Concurrency', description: 'How many scenarios run at the same time; default: four' }),
});

/** Options of `parity check`. */
export const parityCheckOptions = z.strictObject({ path });

/** Options of `parity accept`. */
export const parityAcceptOptions = z.strictObject({
  path,
  only: z.array(z.string().min(1)).default([]).meta({
    title: 'Only',
    description: 'The scenarios in which NEW is right, by id or by the first part of ids',
  }),
  all: z
    .boolean()
    .default(false)
    .meta({ title: 'All', description: 'Every scenario that diverged in the last run; needs --because' }),
  because: z
    .string()
    .min(1)
    .optional()
    .meta({ title: 'Because', description: 'Why NEW is right: it is kept in each golden' }),
});

/** Options of `parity prune`. */
export const parityPruneOptions = z.strictObject({
  path,
  dryRun: z.boolean().default(false).meta({
    title: 'Dry run',
    description: 'Tell what would be removed, and change nothing',
    'x-priority': 'important',
  }),
});

/** Options of `parity fuzz`. */
export const parityFuzzOptions = z.strictObject({
  path,
  old: z.array(z.string().min(1)).default([]).meta({
    title: 'OLD',
    description:
      'In place of what agent.yaml names: an image layout, a reference with a digest, or a program and its arguments',
  }),
  new: z.array(z.string().min(1)).default([]).meta({ title: 'NEW', description: 'The same for NEW' }),
  noise: z
    .boolean()
    .default(false)
    .meta({ title: 'Noise', description: 'Compare NEW with itself, to see what it does not do the same twice' }),
  tier: z.enum(['scenarios', 'text']).default('scenarios').meta({
    title: 'Tier',
    description:
      'Whole scenarios; or text only, thousands of cases a second, with two resident programs as OLD and NEW',
  }),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional()
    .meta({ title: 'Seed', description: 'The same seed draws the same cases; default: by chance' }),
  count: z.int().min(1).default(200).meta({ title: 'Count', description: 'How many cases are drawn at most' }),
  time: z.number().gt(0).optional().meta({ title: 'Time', description: 'Seconds after which no case begins any more' }),
  concurrency: z
    .int()
    .min(1)
    .max(1024)
    .optional()
    .meta({ title: 'Concurrency', description: 'How many scenarios run at the same time; default: by the machine' }),
});

export type ParityFuzzOptions = z.infer<typeof parityFuzzOptions>;
export type ParityRunOptions = z.infer<typeof parityRunOptions>;
export type ParityMergeOptions = z.infer<typeof parityMergeOptions>;
export type ParityListOptions = z.infer<typeof parityListOptions>;
export type ParityImportOptions = z.infer<typeof parityImportOptions>;
export type ParityShowOptions = z.infer<typeof parityShowOptions>;
export type ParityRecordOptions = z.infer<typeof parityRecordOptions>;
export type ParityCheckOptions = z.infer<typeof parityCheckOptions>;
export type ParityAcceptOptions = z.infer<typeof parityAcceptOptions>;
export type ParityPruneOptions = z.infer<typeof parityPruneOptions>;
