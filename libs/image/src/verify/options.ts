import * as z from 'zod';

/** Options of `image verify`: what the `verify` target and the command share. */
export const imageVerifyOptions = z.strictObject({
  image: z
    .string()
    .default('.')
    .meta({ title: 'Image', description: 'A reference, an OCI layout directory or a project', argument: true }),
  project: z.string().optional().meta({
    title: 'Project',
    description: 'Hold the image against the agent.yaml of this project as well, and write the statement there',
    value: 'path',
  }),
  published: z.boolean().default(false).meta({
    title: 'Published',
    description: 'Of a project, verify what its publish statement says, not what is in dist/image',
  }),
  platform: z.string().optional().meta({ title: 'Platform', description: 'One platform only, such as linux/arm64' }),
  compose: z.string().optional().meta({
    title: 'Compose file',
    description: "Hold the mounts of this compose file against the image's volumes",
    value: 'file',
  }),
  service: z
    .array(z.string())
    .optional()
    .meta({ title: 'Services', description: 'The services that run the image, when their image does not tell' }),
  run: z.enum(['auto', 'always', 'never']).default('auto').meta({
    title: 'Run',
    description: 'Start the image once; auto: when agent.yaml has a section image.verify',
    value: 'when',
  }),
  statement: z.string().optional().meta({
    title: 'Statement',
    description: "Write the statement here; default: the project's dist/evidence/verify.json",
    value: 'file',
  }),
  html: z
    .string()
    .optional()
    .meta({ title: 'HTML', description: 'Write the report as one self-contained page', value: 'file' }),
});

export type ImageVerifyOptions = z.infer<typeof imageVerifyOptions>;
