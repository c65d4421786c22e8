import { PythonError } from '../crash.ts';
import { viewOf } from './utf8.ts';

/**
 * Decodes base64 as leniently as Python (contract 18.7): characters outside the standard alphabet are skipped, a stray `=`
 * as well, and more padding than needed does no harm. Throws ValueError for a character above ASCII, binascii.Error when
 * padding lacks or one character is left over.
 */
export function decodeBase64(text: string): Buffer {
  if (/[^\0-\x7f]/.test(text)) {
    throw new PythonError('ValueError', 'string argument should contain only ASCII characters');
  }
  const data = text.replace(/[^A-Za-z0-9+/]/g, '');
  const padding = text.replace(/[^=]/g, '').length;
  const over = data.length % 4;
  if (over === 1) {
    throw new PythonError(
      'binascii.Error',
      `Invalid base64-encoded string: number of data characters (${data.length}) cannot be 1 more than a multiple of 4`,
    );
  }
  if (over > 0 && over + padding < 4) throw new PythonError('binascii.Error', 'Incorrect padding');
  return Buffer.from(data, 'base64');
}

/** Standard base64 with padding, as in the marker of a flag (contract, section 7, T14). */
export function encodeBase64(bytes: Uint8Array): string {
  return viewOf(bytes).toString('base64');
}
