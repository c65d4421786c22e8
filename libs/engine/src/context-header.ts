import type { ContextEntry } from './context-files.ts';

const BLOCK = 512;
const FLAGS = { file: '0', symlink: '2', directory: '5' } as const;

/** How many bytes fill the last block of `size` bytes. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/**
 * The tar header of a context's entry (POSIX.1-2017, pax): one ustar block, and before it an extended header with a name,
 * a target or a size that ustar cannot hold. Owner 0:0, modes 755 and 644, time `epoch` in seconds.
 */
export function contextHeader(entry: ContextEntry, epoch: number): Buffer {
  const path = entry.type === 'directory' ? `${entry.path}/` : entry.path;
  const target = entry.type === 'symlink' ? entry.target : '';
  const size = entry.type === 'file' ? entry.size : 0;
  const records: [string, string][] = [];
  if (!fits(path)) records.push(['path', path]);
  if (!fits(target)) records.push(['linkpath', target]);
  if (size >= 8 ** 11) records.push(['size', String(size)]);
  const wide = entry.type === 'symlink' ? 0o777 : entry.type === 'directory' || entry.executable ? 0o755 : 0o644;
  const block = ustar(fits(path) ? path : 'long', FLAGS[entry.type], {
    mode: wide,
    size: size >= 8 ** 11 ? 0 : size,
    epoch,
    target: fits(target) ? target : 'long',
  });
  if (records.length === 0) return block;
  const body = Buffer.concat(records.map(([key, value]) => record(key, value)));
  const extended = ustar('pax', 'x', { mode: 0o644, size: body.byteLength, epoch, target: '' });
  return Buffer.concat([extended, body, Buffer.alloc(padding(body.byteLength)), block]);
}

function fits(text: string): boolean {
  return text.length <= 100 && /^[\x01-\x7f]*$/.test(text);
}

// "<length> <key>=<value>\n", where the length counts its own digits.
function record(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function ustar(
  name: string,
  type: string,
  fields: { mode: number; size: number; epoch: number; target: string },
): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, digits: number): void =>
    void block.write(value.toString(8).padStart(digits, '0'), offset, 'latin1');
  block.write(name, 0, 'latin1');
  octal(fields.mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(fields.size, 124, 11);
  octal(fields.epoch, 136, 11);
  block.fill(' ', 148, 156);
  block.write(type, 156, 'latin1');
  block.write(fields.target, 157, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
