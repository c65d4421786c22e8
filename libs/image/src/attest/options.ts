import * as z from 'zod';

/** Options of `image attest`. */
export const imageAttestOptions = z.strictObject({
  image: z.string().meta({ title: 'Image', description: 'A published image: its reference', argument: true }),
  statement: z.array(z.string()).optional().meta({
    title: 'Statement',
    description: 'A statement about this image to attach, such as dist/evidence/verify.json',
  }),
  sign: z
    .boolean()
    .default(false)
    .meta({ title: 'Sign', description: 'Sign the image so that "cosign verify --key" accepts it' }),
  key: z.string().optional().meta({
    title: 'Key',
    description: 'The PEM file of the private key to sign with (default: BATON_SIGNING_KEY)',
  }),
});

export type ImageAttestOptions = z.infer<typeof imageAttestOptions>;
