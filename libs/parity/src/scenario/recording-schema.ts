import * as z from 'zod';

const bytes = z.union([
  z.strictObject({ utf8: z.string() }).transform(({ utf8 }) => Buffer.from(utf8)),
  z.strictObject({ b64: z.base64() }).transform(({ b64 }) => Buffer.from(b64, 'base64')),
]);
const smallText = z.strictObject({
  raw: bytes,
  norm: bytes.optional(),
  ts_grouped: bytes.optional(),
  raw_traceback_elided: z.boolean().default(false),
});
const bigText = z.strictObject({
  size: z.int(),
  norm_size: z.int(),
  norm_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  raw_head: bytes,
  norm_head: bytes,
  norm_tail: bytes,
});
const text = z.union([smallText, bigText]);
const row = z.object({
  path: z.string().startsWith('/'),
  norm_path: z.string().optional(),
  type: z.enum(['file', 'dir', 'symlink', 'other']),
  mode: z.string().regex(/^[0-7]{4}$/),
  target: z.string().optional(),
  change: z.enum(['modified', 'mode']).optional(),
});
const file = z.union([
  row.extend(smallText.shape).strict(),
  row.extend(bigText.shape).strict(),
  // Directories and links have no contents.
  row.strict(),
]);

/** `expected.json` of a recording: everything that the recorded program did. */
export const expectedSchema = z.strictObject({
  name: z.string(),
  runs: z
    .array(
      z.strictObject({
        exit_code: z.int(),
        stdout: text.optional(),
        stderr: text.optional(),
        merged: text.optional(),
      }),
    )
    .min(1),
  files: z.array(file),
  deleted: z.array(z.string()).default([]),
  container_files: z.array(file),
  container_deleted: z.array(z.string()).default([]),
  root_mode: z.string().optional(),
  ts_groups: z.int().optional(),
});

const octal = z.string().regex(/^[0-7]{3,4}$/);
const treeEntry = z.strictObject({
  path: z.string().startsWith('/'),
  type: z.enum(['file', 'dir', 'symlink', 'delete']).default('file'),
  target: z.string().optional(),
  mode: octal.optional(),
  mtime: z.number().optional(),
  utf8: z.string().optional(),
  b64: z.base64().optional(),
  generate: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('repeat'),
        unit: z.string(),
        count: z.int(),
        tail: z.string().exactOptional(),
      }),
      z.strictObject({ kind: z.literal('numbered-lines'), format: z.string(), count: z.int() }),
    ])
    .optional(),
});
const environment = z.record(z.string(), z.string());

/** `scenario.json` of a recording: what the program was given. */
export const recordedScenarioSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  tags: z.array(z.string()).min(1),
  env: environment,
  root_mount: z.string().startsWith('/'),
  rootfs: z.enum(['busybox', 'none']),
  rootfs_remove: z.array(z.string()).default([]),
  host_tree: z.array(treeEntry),
  container_tree: z.array(treeEntry).default([]),
  cwd: z.string().startsWith('/').default('/'),
  runs: z
    .array(
      z.strictObject({
        argv: z.array(z.string()),
        env: environment.default({}),
        before: z.array(treeEntry).default([]),
        actions: z
          .array(
            z.strictObject({
              wait_for: z.string().startsWith('/'),
              delay: z.number().default(0.2),
              signal: z.string(),
              to: z.enum(['agent', 'launcher', 'group']),
            }),
          )
          .default([]),
      }),
    )
    .min(1),
  clock: z.strictObject({ faketime: z.string() }).optional(),
  merge_streams: z.boolean().default(false),
  grouped: z.boolean().default(false),
  normalised: z.array(z.enum(['<TSUTC>', '<TS>', '<LOGTS>', '<TMP>', '<EPOCH>', '{ROOT}', 'TRACEBACK'])),
  traceback_level: z.enum(['strict', 'typed', 'present']).default('strict'),
});

/** What a recording calls its inputs. */
export type RecordedScenario = z.output<typeof recordedScenarioSchema>;
/** One thing that it laid out. */
export type RecordedEntry = z.output<typeof treeEntry>;
/** What it says was done. */
export type Expected = z.output<typeof expectedSchema>;
/** A text in it: in full, or, above 64 KiB, its ends and the digest of its normalised form. */
export type RecordedText = z.output<typeof text>;
/** Something new or changed in a tree. */
export type RecordedRow = z.output<typeof file>;
