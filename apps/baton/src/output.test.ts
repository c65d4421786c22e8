import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { openOutput } from './output.ts';

test('waits until everything has left', async () => {
  const stream = new PassThrough();
  const output = openOutput(stream);
  output.write('a');
  output.write('b');
  await output.flushed();
  expect(stream.read().toString()).toBe('ab');
});

test('a reader that went away ends the writing and nothing else', async () => {
  let writes = 0;
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      writes += 1;
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    },
  });
  const output = openOutput(stream);
  output.write('a');
  await output.flushed();
  output.write('b');
  await output.flushed();
  expect(writes).toBe(1);
});
