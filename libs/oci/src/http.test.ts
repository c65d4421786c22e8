import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BatonError, type Effect, observeEffects } from '@baton/kernel';
import { noise, streamOf } from '@baton/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { client, echo, get, put, serve, serveSocket } from './test-http.ts';

test('bodies arrive whole both ways, are counted, and the connection is kept', async () => {
  const { url, sockets } = await serve(echo);
  const { send, traffic } = client();
  const bytes = noise(300_000);
  const fixed = await send(put(url, bytes));
  expect((await fixed.bytes(1_000_000)).bytes.equals(bytes)).toBe(true);
  const progress: number[] = [];
  const streamed = await send(
    put(url, { size: bytes.byteLength, open: streamOf(bytes), onProgress: (n) => progress.push(n) }),
  );
  expect((await streamed.bytes(1_000_000)).bytes.equals(bytes)).toBe(true);
  expect(progress).toEqual([65_536, 131_072, 196_608, 262_144, 300_000]);
  expect(traffic).toEqual({ requests: 2, sent: 600_000, received: 600_000 });
  expect(sockets.size).toBe(1);
});

test('every request is an effect, named without query', async () => {
  const { url } = await serve((_, response) => response.end());
  const seen: Effect[] = [];
  observeEffects({ before: (effect) => void seen.push(effect) });
  onTestFinished(() => observeEffects(undefined));
  const response = await client().send(get(url));
  await response.discard();
  expect(seen.map(({ kind, target }) => `${kind} ${target}`)).toEqual(['request GET /x']);
});

test('a discarded answer leaves the connection ready, a large one closes it', async () => {
  const { url, sockets } = await serve((request, response) => {
    response.end(Buffer.alloc(request.url === '/large' ? 1_000_000 : 1000));
  });
  const { send } = client();
  for (let i = 0; i < 3; i += 1) await (await send(get(url))).discard();
  expect(sockets.size).toBe(1);
  await (await send(get(new URL('/large', url)))).discard();
  await (await send(get(url))).discard();
  expect(sockets.size).toBe(2);
});

test('bytes() stops at its limit', async () => {
  const { url } = await serve((_, response) => response.end(Buffer.alloc(500_000)));
  const { bytes, over } = await (await client().send(get(url))).bytes(1000);
  expect([bytes.byteLength, over]).toEqual([1000, true]);
});

test('an answer before the end of the body is returned, and no more is sent', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(413, { 'Content-Type': 'text/plain' });
    response.end('too large');
  });
  const { send } = client();
  let opened = 0;
  let given = 0;
  const endless = async function* () {
    opened += 1;
    for (let i = 0; i < 100_000; i += 1) {
      given += 1;
      yield Buffer.alloc(65_536);
      // Gives the answer a chance to be read, as a file or a compressor would.
      if (i % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const response = await send(put(url, { size: 65_536 * 100_000, open: endless }));
  expect(response.status).toBe(413);
  expect((await response.bytes(100)).bytes.toString()).toBe('too large');
  expect(opened).toBe(1);
  expect(given).toBeLessThan(10_000);
});

test('a source that is slower than the answer is not read to its end', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(413);
    response.end();
  });
  let given = 0;
  let left: (value: unknown) => void = () => undefined;
  const ended = new Promise((resolve) => {
    left = resolve;
  });
  const trickle = async function* () {
    try {
      for (; given < 200_000; given += 1) {
        yield Buffer.from('x');
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      left(undefined);
    }
  };
  const response = await client().send(put(url, { size: 200_000, open: trickle }));
  await response.discard();
  await ended;
  expect(given).toBeLessThan(100_000);
});

test('a cautious body is not opened when the server refuses first', async () => {
  const server = createServer();
  server.on('checkContinue', (_, response) => {
    response.writeHead(403);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  let opened = false;
  const open = async function* () {
    opened = true;
    yield Buffer.alloc(10);
  };
  const response = await client().send(put(url, { size: 10, open, cautious: true }));
  await response.discard();
  expect([response.status, opened]).toEqual([403, false]);
});

test('a cautious body is sent when the server agrees', async () => {
  const { url } = await serve(echo);
  const bytes = noise(1000);
  const response = await client().send(put(url, { size: 1000, open: streamOf(bytes), cautious: true }));
  expect((await response.bytes(2000)).bytes.equals(bytes)).toBe(true);
});

test.each([
  ['more', 3, 'more came'],
  ['fewer', 5, 'only 4 came'],
])('a source that gives %s bytes than announced is DIGEST_MISMATCH', async (_, size, text) => {
  const { url } = await serve(echo);
  const work = client().send(put(url, { size, open: streamOf(Buffer.from('four')) }));
  await expect(work).rejects.toThrow(text);
  await expect(work).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
});

test.each([
  new BatonError('STORE_CORRUPT', 'a blob is damaged'),
  // A file that cannot be read is no failure of the connection, whatever its errno.
  Object.assign(new Error('read failed'), { code: 'ECONNRESET', syscall: 'read' }),
])('what the source throws comes out as it is: %s', async (fault) => {
  const { url } = await serve((request) => void request.resume());
  const open = async function* () {
    yield Buffer.alloc(10);
    throw fault;
  };
  await expect(client().send(put(url, { size: 20, open }))).rejects.toBe(fault);
});

test('back-pressure: a server that reads nothing is sent no more than fits the buffers', async () => {
  const port = await serveSocket((socket) => socket.pause());
  const abort = new AbortController();
  const { send } = client({ signal: abort.signal });
  let given = 0;
  let lastGiven = -1;
  const open = async function* () {
    for (;;) {
      given += 1;
      yield Buffer.alloc(65_536);
    }
  };
  const work = send(put(new URL(`http://127.0.0.1:${port}/`), { size: Number.MAX_SAFE_INTEGER, open }));
  work.catch(() => undefined);
  // Until nothing more is taken: the socket buffers of the kernel are full.
  while (given !== lastGiven || given === 0) {
    lastGiven = given;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(given).toBeLessThan(1000);
  abort.abort();
  await expect(work).rejects.toMatchObject({ code: 'INTERRUPTED' });
});
