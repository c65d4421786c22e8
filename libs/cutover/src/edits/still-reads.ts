import { documentFault } from '@baton/edit';
import { BatonError } from '@baton/kernel';

/**
 * Makes sure that a file which could be read before its edits can be read after them: each editor has looked at its own work alone.
 *
 * @throws BatonError `EDIT_UNVERIFIED`
 */
export function stillReads(path: string, before: Uint8Array, after: Uint8Array): void {
  const fault = documentFault(path, after);
  if (fault === undefined || documentFault(path, before) !== undefined) return;
  throw new BatonError('EDIT_UNVERIFIED', `${path} could not be read any more after all its edits: ${fault}`, {
    hint: 'Two edits that are right alone do not fit together: say them as one.',
  });
}
