import { BatonError } from '@baton/kernel';
import { applySplices, type Edit } from '../splice.ts';

/** The text after an edit. */
export function edited(text: string, edit: (bytes: Uint8Array) => Edit): string {
  const bytes = Buffer.from(text);
  return applySplices(bytes, edit(bytes).splices).toString();
}

/** Code, message and hint of the error that a call ends with. */
export function failureOf(call: () => unknown): string {
  try {
    return `no error: ${JSON.stringify(call())}`;
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    return `${error.code}: ${error.message}${error.hint === undefined ? '' : ` | ${error.hint}`}`;
  }
}
