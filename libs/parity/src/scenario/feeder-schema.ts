import * as z from 'zod';
import { bytesField } from './byte-text.ts';
import { exactlyOne, modeField, pathField, signalField } from './text-rules.ts';

const seconds = z.number().min(0).max(3600);

const stepSchema = z
  .strictObject({
    out: bytesField('Written to standard output, at once.', { nul: true }).exactOptional(),
    err: bytesField('Written to standard error, at once.', { nul: true }).exactOptional(),
    sleep: seconds.describe('Seconds to wait.').exactOptional(),
    close: z.enum(['out', 'err']).describe('The stream that is closed.').exactOptional(),
    signal: z
      .strictObject({ name: signalField(), to: z.enum(['self', 'launcher']).describe('Who gets it.') })
      .describe('A signal that is sent.')
      .exactOptional(),
    child: seconds.describe('Seconds that a child lives which keeps the streams open.').exactOptional(),
    exit: z.int().min(0).max(255).describe('The exit status.').exactOptional(),
  })
  .superRefine((step, context) =>
    exactlyOne(step, ['out', 'err', 'sleep', 'close', 'signal', 'child', 'exit'], context),
  );

/** A program that writes what it is told. */
export const feederSchema = z
  .strictObject({
    path: pathField('Where it is, below the root mount.'),
    mode: modeField('Permission bits; default "0755".').exactOptional(),
    steps: z
      .array(
        z.union([z.literal('idle').describe('Waits until the reader has taken and handled everything.'), stepSchema]),
      )
      .describe('What it does, in order: `idle`, or a mapping with one key.'),
  })
  .describe('A program that stands in for a step and writes exactly what it is told, so that chunks are an input.');

/** A feeder as a file has it. */
export type FeederForm = z.output<typeof feederSchema>;
/** One of its steps. */
export type StepForm = FeederForm['steps'][number];
