import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demultiplex } from './demultiplex.ts';

const packet = (type: number, bytes: Uint8Array): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32BE(bytes.byteLength, 4);
  return Buffer.concat([header, bytes]);
};

test('both streams come out whole, however the bytes are cut', async () => {
  const packets = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 60 })));
  await fc.assert(
    fc.asyncProperty(packets, fc.integer({ min: 1, max: 40 }), async (list, size) => {
      const bytes = Buffer.concat(list.map(([type, data]) => packet(type, data)));
      const chunks = Array.from({ length: Math.ceil(bytes.byteLength / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      const of = (wanted: number) => Buffer.concat(list.filter(([type]) => type === wanted).map(([, data]) => data));
      expect(await demultiplex(Readable.from(chunks, { objectMode: false }), 1e6)).toEqual({
        stdout: of(1),
        stderr: of(2),
      });
    }),
  );
});

test('what is above the limit is read and not kept', async () => {
  const chunks = [packet(1, Buffer.from('abcdef')), packet(2, Buffer.from('xy')), packet(1, Buffer.from('g'))];
  const output = await demultiplex(Readable.from(chunks, { objectMode: false }), 4);
  expect(String(output.stdout)).toBe('abcd');
  expect(String(output.stderr)).toBe('xy');
});

test('what is not multiplexed is refused', async () => {
  const stream = Readable.from([Buffer.from('plain text of a terminal')], { objectMode: false });
  await expect(demultiplex(stream, 100)).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
});
