import * as z from 'zod';

/** Options of `image lint`. */
export const imageLintOptions = z.strictObject({
  path: z.string().default('.').meta({
    title: 'Dockerfile',
    description: 'A Dockerfile, a directory with one, or a project whose agent.yaml names one',
    argument: true,
  }),
  strict: z.boolean().default(false).meta({ title: 'Strict', description: 'Fail on warnings as well' }),
});

export type ImageLintOptions = z.infer<typeof imageLintOptions>;
