import { PythonError } from '../crash.ts';
import { decodeError, decodeWith, viewOf } from './utf8.ts';

/**
 * Decodes bytes of JSON as Python does (section 13): the encoding shows in the first bytes, a byte order mark is dropped,
 * encoded surrogates pass. Throws UnicodeDecodeError; its words are Python's for UTF-8 only.
 */
export function decodeJsonBytes(bytes: Uint8Array): string {
  const [b0, b1, b2, b3] = bytes;
  if (b0 === 0 && b1 === 0 && b2 === 0xfe && b3 === 0xff) return decodeUtf32(bytes.subarray(4), false);
  if (b0 === 0xff && b1 === 0xfe && b2 === 0 && b3 === 0) return decodeUtf32(bytes.subarray(4), true);
  if (b0 === 0xfe && b1 === 0xff) return decodeUtf16(bytes.subarray(2), false);
  if (b0 === 0xff && b1 === 0xfe) return decodeUtf16(bytes.subarray(2), true);
  if (b0 === 0xef && b1 === 0xbb && b2 === 0xbf) return decodePassing(bytes.subarray(3));
  // Without a mark: JSON begins with ASCII, so zeros tell width and order (RFC 4627, section 3).
  if (bytes.length >= 4 && b0 === 0) return b1 === 0 ? decodeUtf32(bytes, false) : decodeUtf16(bytes, false);
  if (bytes.length >= 4 && b1 === 0) {
    return b2 === 0 && b3 === 0 ? decodeUtf32(bytes, true) : decodeUtf16(bytes, true);
  }
  if (bytes.length === 2 && b0 === 0) return decodeUtf16(bytes, false);
  return bytes.length === 2 && b1 === 0 ? decodeUtf16(bytes, true) : decodePassing(bytes);
}

/** UTF-8 in which a surrogate may be encoded by three bytes of its own. */
function decodePassing(bytes: Uint8Array): string {
  return decodeWith(bytes, (fault) => {
    const [lead, second = 0, third = 0] = bytes.subarray(fault.start, fault.start + 3);
    if (lead !== 0xed || second >> 5 !== 0b101 || third >> 6 !== 0b10) throw decodeError(bytes, fault);
    const unit = 0xd000 | ((second & 0x3f) << 6) | (third & 0x3f);
    return { text: String.fromCharCode(unit), next: fault.start + 3 };
  });
}

function decodeUtf16(bytes: Uint8Array, isLittle: boolean): string {
  if (bytes.length % 2 === 1) throw truncated(isLittle ? 'utf-16-le' : 'utf-16-be', bytes.length - 1);
  return (isLittle ? viewOf(bytes) : Buffer.from(bytes).swap16()).toString('utf16le');
}

function decodeUtf32(bytes: Uint8Array, isLittle: boolean): string {
  const name = isLittle ? 'utf-32-le' : 'utf-32-be';
  const view = viewOf(bytes);
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    if (at + 4 > bytes.length) throw truncated(name, at);
    const codePoint = isLittle ? view.readUInt32LE(at) : view.readUInt32BE(at);
    if (codePoint > 0x10ffff) {
      throw new PythonError(
        'UnicodeDecodeError',
        `'${name}' codec can't decode bytes in position ${at}-${at + 3}: code point not in range(0x110000)`,
      );
    }
    parts.push(String.fromCodePoint(codePoint));
  }
  return parts.join('');
}

function truncated(codec: string, at: number): PythonError {
  return new PythonError(
    'UnicodeDecodeError',
    `'${codec}' codec can't decode data from position ${at}: truncated data`,
  );
}
