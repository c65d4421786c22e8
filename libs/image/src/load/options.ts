import * as z from 'zod';

/** Options of `image load`. */
export const imageLoadOptions = z.strictObject({
  image: z.string().default('.').meta({
    title: 'Image',
    description: 'A project, an OCI layout directory or a reference',
    argument: true,
  }),
  name: z.array(z.string()).optional().meta({
    title: 'Names',
    description: 'repository:tag in the engine, instead of the name that the manifest gives',
    value: 'repo:tag',
  }),
  platform: z.string().optional().meta({
    title: 'Platform',
    description: "Load this platform, such as linux/arm64, instead of the engine's own",
  }),
});

export type ImageLoadOptions = z.infer<typeof imageLoadOptions>;
