import { BatonError } from '@baton/kernel';
import type { Dockerfile } from '../lint/dockerfile.ts';
import { usedStages } from '../lint/rules/stages.ts';
import { isSecretName } from '../lint/secrets.ts';

/**
 * The images that a build takes from outside, as references, sorted; those that depend on an argument without a value are
 * left out.
 */
export function outsideImages(file: Dockerfile): string[] {
  const used = usedStages(file);
  const found = new Set<string>();
  for (const { base, index, instructions } of file.stages) {
    if (!used.has(index)) continue;
    if (base.kind === 'image' && base.reference !== undefined) found.add(base.reference);
    for (const { flags } of instructions) {
      for (const { name, value } of flags)
        if (name === 'from' && /[:/@]/.test(value) && !value.includes('$')) found.add(value);
    }
  }
  return [...found].sort();
}

/**
 * Refuses what the engine's API has no way for: secrets of a build. Errors: `DRIVER_UNSUPPORTED`.
 *
 * @param args the build arguments of the manifest: they stay readable in the image's history
 */
export function refuseSecrets(file: Dockerfile, args: Readonly<Record<string, string>>): void {
  const secret = Object.keys(args).find(isSecretName);
  if (secret !== undefined) {
    throw new BatonError(
      'DRIVER_UNSUPPORTED',
      `image.dockerfile.args.${secret} is by its name a secret, and build arguments stay readable in the image's history`,
      { hint: 'Fetch what needs it in the bundle command, outside of the build, and COPY the result.' },
    );
  }
  for (const stage of file.stages) {
    for (const { flags, span } of stage.instructions) {
      const mount = flags.find(
        ({ name, value }) => name === 'mount' && /(?:^|,)type=(?:secret|ssh)(?:,|$)/.test(value),
      );
      if (mount === undefined) continue;
      const line = file.source.position(span.start).line + 1;
      throw new BatonError(
        'DRIVER_UNSUPPORTED',
        `${file.source.file}:${line} mounts a secret, and the driver docker has no way to hand one to the engine`,
        { hint: 'Fetch what needs it in the bundle command, outside of the build, and COPY the result.' },
      );
    }
  }
}
