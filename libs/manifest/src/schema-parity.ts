import * as z from 'zod';
import { IMAGE_PATH, RELATIVE_PATH } from './path-rules.ts';
import { described, plainText, textField } from './text-field.ts';
import { ENV_NAME } from './value-rules.ts';

const path = textField(RELATIVE_PATH);

const mountSchema = z
  .strictObject({
    from: plainText()
      .min(1)
      .describe("A file or directory: relative to the manifest's folder, or absolute for what the machine has."),
    to: described(textField(IMAGE_PATH), "Where it is in the subject's own file system, read-only."),
  })
  .describe("Something that the subject's own file system holds besides what a scenario lays out.");

/** What OLD or NEW is: exactly one of `goldens`, `image`, `command`. */
export const subjectSchema = z
  .strictObject({
    goldens: z.literal(true).describe('The recorded goldens; for `old` only.').exactOptional(),
    image: plainText()
      .min(1)
      .describe(
        "A built image: an OCI layout relative to the manifest's folder, or a registry reference with a digest.",
      )
      .exactOptional(),
    driver: z
      .enum(['chroot', 'engine'])
      .describe('For `image`: unpacked, in a private root (the default), or by the container engine.')
      .exactOptional(),
    command: z
      .array(plainText().min(1))
      .min(1)
      .describe("A program with its first arguments, run in a root of its own; a scenario's arguments follow.")
      .exactOptional(),
    mounts: z.array(mountSchema).describe('For `command`: what its root holds.').exactOptional(),
  })
  .superRefine((subject, context) => {
    const found = (['goldens', 'image', 'command'] as const).filter((kind) => subject[kind] !== undefined);
    const list = found.length === 0 ? 'none' : found.join(' and ');
    if (found.length !== 1) {
      context.addIssue({
        code: 'custom',
        message: 'exactly one of goldens, image and command',
        params: { hint: `There is ${list}.` },
      });
    }
    if (subject.driver !== undefined && subject.image === undefined) {
      context.addIssue({ code: 'custom', message: 'driver beside image only', path: ['driver'] });
    }
    if (subject.mounts !== undefined && subject.command === undefined) {
      context.addIssue({ code: 'custom', message: 'mounts beside command only', path: ['mounts'] });
    }
  })
  .describe('One implementation: recorded, an image, or a program.');

/** The section `parity`. */
export const paritySchema = z
  .strictObject({
    scenarios: described(path, 'Where the scenarios are.').default('parity/scenarios'),
    goldens: described(path, 'Where what OLD did is kept.').default('parity/goldens'),
    old: subjectSchema
      .describe('What is right: `{ goldens: true }`, `{ image: ... }` or `{ command: [...] }`.')
      .default({ goldens: true }),
    new: subjectSchema
      .describe('What is held against it: `{ image: ... }` or `{ command: [...] }`.')
      .default({ image: 'dist/image' }),
    record: subjectSchema
      .describe(
        'What `baton parity record` runs to make goldens: `{ image: ... }` or `{ command: [...] }`. Default: `old`.',
      )
      .exactOptional(),
    clock: described(
      textField(ENV_NAME),
      'The environment variable by which the subjects take a frozen clock. Without it scenarios with a frozen clock are left out.',
    ).exactOptional(),
    maxSkips: z.int().min(0).describe('How many scenarios may be left out; each with a reason.').default(0),
    concurrency: z
      .int()
      .min(1)
      .max(1024)
      .describe('How many scenarios run at the same time. Default: by the machine.')
      .exactOptional(),
  })
  .superRefine((section, context) => {
    for (const key of ['new', 'record'] as const) {
      if (section[key]?.goldens === undefined) continue;
      context.addIssue({ code: 'custom', message: 'image or command: goldens are what OLD did', path: [key] });
    }
  })
  .describe('How an old and a new implementation are compared. Without this section there is no target `parity`.');
