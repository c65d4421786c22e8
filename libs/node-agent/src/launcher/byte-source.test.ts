import { spawnSync } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { pipeSource, streamSource } from './byte-source.ts';

/** Both ends of a named pipe. */
function pipe(): { read: number; write: number } {
  const path = join(temporaryDirectory('pipe'), 'p');
  spawnSync('mkfifo', [path]);
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { read, write: openSync(path, 'w') };
}

test('one call per write to an idle pipe, then the end', async () => {
  const { read, write } = pipe();
  const parts: string[] = [];
  const source = pipeSource(Promise.resolve(read));
  writeSync(write, 'one');
  const done = source((bytes) => {
    parts.push(Buffer.from(bytes).toString());
    if (parts.length === 1) writeSync(write, 'two');
    else closeSync(write);
  });
  await done;
  expect(parts).toEqual(['one', 'two']);
});

test('the descriptor is closed at the end of file', async () => {
  const { read, write } = pipe();
  closeSync(write);
  await pipeSource(Promise.resolve(read))(() => undefined);
  expect(() => fstatSync(read)).toThrow('EBADF');
});

test('what the reader throws ends the reading, closes the pipe and comes out', async () => {
  const { read, write } = pipe();
  writeSync(write, 'x');
  const failing = pipeSource(Promise.resolve(read))(() => {
    throw new Error('no room');
  });
  await expect(failing).rejects.toThrow('no room');
  expect(() => fstatSync(read)).toThrow('EBADF');
  closeSync(write);
});

test('a read that fails rejects', async () => {
  const directory = openSync(temporaryDirectory('dir'), 'r');
  await expect(pipeSource(Promise.resolve(directory))(() => undefined)).rejects.toThrow();
  closeSync(directory);
});

test('no descriptor: no bytes', async () => {
  await pipeSource(Promise.resolve(undefined))(() => expect.unreachable());
  await streamSource(null)(() => expect.unreachable());
});

test('a stream: its parts in order, and what the reader throws', async () => {
  const parts: string[] = [];
  await streamSource(Readable.from([Buffer.from('a'), Buffer.from('b')]))((bytes) => void parts.push(String(bytes)));
  expect(parts).toEqual(['a', 'b']);
  const failing = streamSource(Readable.from([Buffer.from('a')]))(() => {
    throw new Error('no room');
  });
  await expect(failing).rejects.toThrow('no room');
});
