import { BatonError } from '@baton/kernel';
import { parseReference, type Reference } from '@baton/oci';

/** Reads `image.base.ref`; an `INVALID_REFERENCE` says that it stands there. */
export function baseReference(text: string): Reference {
  try {
    return parseReference(text);
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    throw new BatonError(error.code, `image.base.ref in agent.yaml: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      details: error.details,
      cause: error,
    });
  }
}
