import * as z from 'zod';

/** Options of `image retention plan`. */
export const imageRetentionPlanOptions = z.strictObject({
  image: z.string().default('.').meta({
    title: 'Image',
    description: 'A project, or a repository such as ghcr.io/acme/agent',
    argument: true,
  }),
  policy: z.string().min(1).optional().meta({
    title: 'Policy',
    description: 'A file with the keys of image.retention, instead of those of agent.yaml',
    value: 'file',
  }),
  keepLast: z
    .int()
    .min(1)
    .optional()
    .meta({ title: 'Keep last', description: 'How many versions of each line stay, instead of what the policy says' }),
  date: z
    .string()
    .refine((text) => z.iso.date().safeParse(text).success, { error: 'expected a day such as 2027-03-01' })
    .optional()
    .meta({ title: 'Date', description: 'The day to plan for: SOURCE_DATE_EPOCH or today by default', value: 'day' }),
});

export type ImageRetentionPlanOptions = z.infer<typeof imageRetentionPlanOptions>;
