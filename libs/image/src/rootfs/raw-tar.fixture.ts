import { gzipSync } from 'node:zlib';

/** One header block as an attacker writes it: any bytes for the name, any type, any size. */
export function rawHeader(
  name: string | Buffer,
  flag: string,
  more: { size?: number; link?: string; magic?: string } = {},
): Buffer {
  const block = Buffer.alloc(512);
  Buffer.from(name).copy(block, 0, 0, 100);
  block.write('0000755\x000000000\x000000000\0', 100, 'latin1');
  const size = more.size ?? 0;
  if (size < 8 ** 11) block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  else {
    block.writeUInt8(0x80, 124);
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  block.write('00000000000\0        ', 136, 'latin1');
  block.write(flag, 156, 'latin1');
  block.write(more.link ?? '', 157, 100, 'latin1');
  block.write(more.magic ?? 'ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** Content filled up to whole blocks. */
export function padded(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.byteLength % 512)) % 512)]);
}

/** A pax extended header with these records, each "key=value". */
export function pax(records: readonly (string | Buffer)[], flag = 'x'): Buffer {
  const lines = records.map((record) => {
    const rest = Buffer.concat([Buffer.from(' '), Buffer.from(record), Buffer.from('\n')]);
    let length = rest.byteLength;
    while (String(length).length + rest.byteLength !== length) length = String(length).length + rest.byteLength;
    return Buffer.concat([Buffer.from(String(length)), rest]);
  });
  const body = Buffer.concat(lines);
  return Buffer.concat([rawHeader('pax', flag, { size: body.byteLength }), padded(body)]);
}

/** A GNU long name (`L`) or long target (`K`). */
export function gnuLong(flag: 'L' | 'K', name: string): Buffer {
  const body = Buffer.from(`${name}\0`);
  return Buffer.concat([rawHeader('././@LongLink', flag, { size: body.byteLength, magic: 'ustar  \0' }), padded(body)]);
}

/** Blocks with the end mark behind them. */
export function rawTar(...blocks: Buffer[]): Buffer {
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/**
 * Gzip data of `times` repetitions of a piece of at least a megabyte, without ever holding what it unpacks to: members
 * one behind the other are one stream (RFC 1952, 2.2).
 */
export function gzipBomb(start: Buffer, piece: Buffer, times: number, end: Buffer): Buffer {
  const member = gzipSync(piece);
  return Buffer.concat([gzipSync(start), ...Array.from({ length: times }, () => member), gzipSync(end)]);
}
