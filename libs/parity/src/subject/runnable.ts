import { closeSync, openSync, readSync } from 'node:fs';
import { BatonError } from '@baton/kernel';

const X86_64 = 62;
const I386 = 3;

/**
 * Throws `SUBJECT_FAILED` for a file that the system would not start: neither a script that names its interpreter, nor an
 * ELF program for this machine. Programs that start others would hand it to a shell instead, which then says something.
 */
export function demandRunnable(path: string, shown: string): void {
  const head = headOf(path);
  if (head.subarray(0, 2).toString('latin1') === '#!') return;
  const isElf = head.subarray(0, 4).toString('latin1') === '\x7fELF' && head.length >= 20;
  if (!isElf) throw failed(shown, 'it is neither an ELF program nor a script that begins with #!');
  const [own, found] = [machineOf(headOf(process.execPath)), machineOf(head)];
  if (found === own || (own === X86_64 && found === I386)) return;
  throw failed(shown, `it is made for ELF machine ${found}, and this is ${own}`);
}

/** The first bytes of a file, as many as an ELF header has at least. */
function headOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(20);
    return head.subarray(0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}

// Bytes 18 and 19; byte 5 says in which order (ELF specification, "ELF Header").
function machineOf(head: Buffer): number {
  return head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
}

function failed(shown: string, why: string): BatonError {
  return new BatonError('SUBJECT_FAILED', `${shown} cannot be started: ${why}`, {
    hint: 'Build it for this machine; a script says in its first line what runs it.',
  });
}
