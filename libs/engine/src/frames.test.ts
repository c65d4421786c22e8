import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Frame, readFrames } from './frames.ts';

const read = async (chunks: Iterable<Buffer>): Promise<Frame[]> => {
  const seen: Frame[] = [];
  await readFrames(Readable.from(chunks, { objectMode: false }), (frame) => void seen.push(frame));
  return seen;
};

test('frames come out as they went in, however the bytes are cut', async () => {
  const frame = fc.record({ stream: fc.string({ unit: 'grapheme' }), id: fc.string() });
  const cuts = fc.array(fc.nat(400), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(frame), cuts, fc.constantFrom('\n', '\r\n', '\n\n'), async (frames, at, end) => {
      const bytes = Buffer.from(frames.map((one) => JSON.stringify(one) + end).join(''));
      const places = [0, ...at.filter((place) => place < bytes.byteLength).sort((a, b) => a - b), bytes.byteLength];
      const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
      expect(await read(chunks)).toEqual(frames);
    }),
  );
});

test('a last line without an end counts', async () => {
  expect(await read([Buffer.from('{"id":"1"}\n{"id":"2"}')])).toEqual([{ id: '1' }, { id: '2' }]);
});

test('an error among the frames is an error, with what came before it seen', async () => {
  const seen: Frame[] = [];
  const lines = [{ stream: 'a' }, { errorDetail: { code: 7, message: 'no' }, error: 'no' }, { stream: 'b' }];
  const stream = Readable.from(
    lines.map((line) => Buffer.from(`${JSON.stringify(line)}\n`)),
    { objectMode: false },
  );
  const reading = readFrames(stream, (frame) => void seen.push(frame));
  await expect(reading).rejects.toMatchObject({ name: 'FrameError', message: 'no', exit: 7 });
  expect(seen).toEqual([{ stream: 'a' }]);
  expect(stream.destroyed).toBe(true);
  await expect(read([Buffer.from('{"error":"plain"}')])).rejects.toMatchObject({ message: 'plain', exit: undefined });
});

test.each(['<html>', '{"a":', 'null', '7'])('%s is not a frame', async (text) => {
  await expect(read([Buffer.from(text)])).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
});

test('a line without end is given up', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 97);
  function* endless(): Generator<Buffer> {
    for (;;) yield chunk;
  }
  await expect(read(endless())).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
});
