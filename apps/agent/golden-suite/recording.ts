import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { GOLDENS } from './scenario.ts';

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
  norm_sha256: z.string(),
  raw_head: bytes,
  norm_head: bytes,
  norm_tail: bytes,
});
const text = z.union([smallText, bigText]);
const entry = z.object({
  path: z.string(),
  norm_path: z.string().optional(),
  type: z.enum(['file', 'dir', 'symlink', 'other']),
  mode: z.string().optional(),
  target: z.string().optional(),
  change: z.enum(['modified', 'mode']).optional(),
});
const file = z.union([
  entry.extend(smallText.shape).strict(),
  entry.extend(bigText.shape).strict(),
  // Directories and links have no contents.
  entry.strict(),
]);
const run = z.strictObject({
  exit_code: z.int(),
  stdout: text.optional(),
  stderr: text.optional(),
  merged: text.optional(),
});
const recording = z.strictObject({
  name: z.string(),
  runs: z.array(run).min(1),
  files: z.array(file),
  deleted: z.array(z.string()).default([]),
  container_files: z.array(file),
  container_deleted: z.array(z.string()).default([]),
  root_mode: z.string().optional(),
  ts_groups: z.int().optional(),
});

/** Recorded text: in full, or, above 64 KiB, as the digest of its normalised form. */
export type RecordedText = z.infer<typeof text>;
/** Recorded text that is there in full. */
export type SmallText = z.infer<typeof smallText>;
/** Something new or changed in a tree. */
export type RecordedFile = z.infer<typeof file>;
/** One invocation as it was recorded: its exit status (a signal is negative) and its streams. */
export type RecordedRun = z.infer<typeof run>;
/** Everything that the reference agent did in one scenario. */
export type Recording = z.infer<typeof recording>;

/** The streams that a run may have. */
export const STREAMS = ['stdout', 'stderr', 'merged'] as const;
/** One of {@link STREAMS}. */
export type Stream = (typeof STREAMS)[number];

/** Reads a recording; throws for anything in it that this suite would not look at. */
export function readRecording(name: string, goldens: string = GOLDENS): Recording {
  return recording.parse(JSON.parse(readFileSync(join(goldens, name, 'expected.json'), 'utf8')));
}

/** The recorded contents of a file, or undefined for a directory or a link. */
export function contentsOf(file: RecordedFile): RecordedText | undefined {
  return 'raw' in file || 'norm_sha256' in file ? file : undefined;
}
