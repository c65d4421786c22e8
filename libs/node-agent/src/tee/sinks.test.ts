import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { writeAll } from './sinks.ts';

const failure = (code: string, errno: number): Error => Object.assign(new Error(code), { code, errno });

test('short writes and interrupted ones go on where they stopped, each byte once', () => {
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251));
  const got: number[] = [];
  let calls = 0;
  writeAll(7, bytes, (fd, view, offset, length) => {
    calls += 1;
    if (calls % 5 === 0) throw failure('EINTR', -4);
    if (calls % 7 === 0) throw failure('EAGAIN', -11);
    const taken = Math.min(Number(length), calls % 13);
    if (fd !== 7 || !(view instanceof Uint8Array)) throw new Error('other arguments');
    got.push(...view.subarray(Number(offset), Number(offset) + taken));
    return taken;
  });
  expect(Buffer.from(got)).toEqual(bytes);
});

test('a pipe that does not block and a reader that is slow: nothing is lost', async () => {
  const dir = temporaryDirectory('pipe');
  const pipe = join(dir, 'pipe');
  const copy = join(dir, 'copy');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  const reader = spawn('sh', ['-c', 'exec <"$1" >"$2"; sleep 0.3; exec cat', 'sh', pipe, copy], { stdio: 'inherit' });
  const closed = once(reader, 'close');
  const blocking = openSync(pipe, constants.O_WRONLY);
  const fd = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  closeSync(blocking);
  const bytes = Buffer.from(Array.from({ length: 400_000 }, (_, i) => i % 253));
  writeAll(fd, bytes);
  closeSync(fd);
  expect(await closed).toEqual([0, null]);
  expect(readFileSync(copy).equals(bytes)).toBe(true);
});

test('a full disk and a broken pipe are what Python calls them', () => {
  const full = openSync('/dev/full', 'w');
  const error = { type: 'OSError', message: '[Errno 28] No space left on device' };
  expect(() => writeAll(full, Buffer.from('x'))).toThrow(expect.objectContaining(error));
  closeSync(full);
  const broken = (): never => {
    throw failure('EPIPE', -32);
  };
  const pipe = { type: 'BrokenPipeError', message: '[Errno 32] Broken pipe' };
  expect(() => writeAll(1, Buffer.from('x'), broken)).toThrow(expect.objectContaining(pipe));
});

test('a fault of this program is not taken for one of the system', () => {
  const fault = new TypeError('no');
  const write = (): never => {
    throw fault;
  };
  expect(() => writeAll(1, Buffer.from('x'), write)).toThrow(fault);
});
