import * as z from 'zod';
import { RELATIVE_PATH } from './path-rules.ts';
import { described, plainText, textField } from './text-field.ts';

const path = textField(RELATIVE_PATH);

/** The section `image.dockerfile`: what the driver `docker` builds. */
export const dockerfileSchema = z
  .strictObject({
    file: described(path, 'The Dockerfile.').default('Dockerfile'),
    context: described(
      path,
      "What its COPY sees, less what `.dockerignore` names. Default: the manifest's folder.",
    ).default('.'),
    target: plainText().min(1).describe('The stage to build. Default: the last one.').exactOptional(),
    args: z.record(z.string().min(1), plainText()).describe('Build arguments.').exactOptional(),
    network: z.enum(['default', 'host', 'none']).describe('The network that RUN steps see.').default('default'),
    protocol: z
      .enum(['auto', 'buildkit', 'classic'])
      .describe('How the engine is asked to build: `auto` takes BuildKit where the engine has it.')
      .default('auto'),
  })
  .describe('The Dockerfile that the driver `docker` builds.');
