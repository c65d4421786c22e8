import * as z from 'zod';
import { plainText } from './text-field.ts';

/** The section `image.retention`: which published images stay. */
export const retentionSchema = z
  .strictObject({
    keepLast: z.int().min(1).describe('How many of the newest versions of each line (`major.minor`) stay.').default(3),
    keepUntil: z
      .record(z.string().min(1), z.iso.date())
      .describe('Tags that stay until a date (YYYY-MM-DD, that day included): rollback images.')
      .exactOptional(),
    never: z.array(plainText().min(1)).describe('Tags that always stay; `*` stands for any text.').exactOptional(),
  })
  .describe('Which published images stay; `baton image retention plan` says what could go.');
