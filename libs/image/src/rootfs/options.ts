import * as z from 'zod';

/** Options of `image rootfs`. */
export const imageRootfsOptions = z.strictObject({
  image: z
    .string()
    .default('.')
    .meta({ title: 'Image', description: 'A reference, an OCI layout directory or a project', argument: true }),
  format: z
    .enum(['squashfs', 'tar'])
    .default('squashfs')
    .meta({ title: 'Format', description: 'A squashfs file system (made with tar2sqfs), or one flat tar archive' }),
  platform: z
    .string()
    .optional()
    .meta({ title: 'Platform', description: "Of this platform, such as linux/arm64; without it, this machine's" }),
  to: z
    .string()
    .optional()
    .meta({ title: 'To', description: 'Put the file here as well; without it, its path in the cache is printed' }),
});

export type ImageRootfsOptions = z.infer<typeof imageRootfsOptions>;
