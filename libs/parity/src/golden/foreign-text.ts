import { BatonError } from '@baton/kernel';
import { damaged } from './esc-syntax.ts';

const LFS = 'version https://git-lfs.github.com/spec/';

/**
 * Refuses bytes in a golden's place that our own writer never leaves, before their digest is looked at, so that the message tells what
 * happened: a Git LFS pointer (`GOLDEN_LFS_POINTER`), converted line ends, anything that is not ASCII (`GOLDEN_DAMAGED`).
 */
export function refuseForeignText(where: string, bytes: Buffer): void {
  refuseLfsPointer(where, bytes);
  const odd = bytes.findIndex((byte) => byte > 0x7e || (byte < 0x20 && byte !== 0x0a));
  if (odd === -1) return;
  const line = bytes.subarray(0, odd).filter((byte) => byte === 0x0a).length + 1;
  if (bytes[odd] === 0x0d) throw damaged(where, `has a carriage return in line ${line}: its line ends were converted`);
  const byte = (bytes[odd] ?? 0).toString(16).padStart(2, '0');
  throw damaged(where, `has the byte 0x${byte} in line ${line}, and a golden is ASCII: it was edited or encoded anew`);
}

/** Refuses a Git LFS pointer: `GOLDEN_LFS_POINTER`. */
export function refuseLfsPointer(where: string, bytes: Buffer): void {
  if (bytes.toString('latin1', 0, LFS.length) !== LFS) return;
  throw new BatonError('GOLDEN_LFS_POINTER', `${where} is a Git LFS pointer and not the golden itself`, {
    hint: 'Fetch it with "git lfs pull"; goldens are text and need no LFS.',
  });
}
