import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { expect, test } from 'vitest';
import { client, echo, get, put, serve, serveSocket } from './test-http.ts';

test('a server that says nothing is IDLE_TIMEOUT: before the answer, within the body, while sending', async () => {
  const silent = await serve((request) => void request.resume());
  await expect(client({ idle: 50 }).send(get(silent.url))).rejects.toMatchObject({ code: 'IDLE_TIMEOUT' });
  const stalled = await serve((_, response) => {
    response.writeHead(200, { 'Content-Length': '100' });
    response.write('some');
  });
  const response = await client({ idle: 50 }).send(get(stalled.url));
  await expect(response.bytes(100)).rejects.toMatchObject({ code: 'IDLE_TIMEOUT' });
  const port = await serveSocket((socket) => socket.pause());
  const open = async function* () {
    for (;;) yield Buffer.alloc(1_000_000);
  };
  const sending = client({ idle: 50 }).send(put(new URL(`http://127.0.0.1:${port}/`), { size: 1e12, open }));
  await expect(sending).rejects.toMatchObject({ code: 'IDLE_TIMEOUT' });
});

test('a slow source and a slow reader are not the fault of the server', async () => {
  const { url } = await serve(echo);
  const open = async function* () {
    yield Buffer.from('a');
    await new Promise((resolve) => setTimeout(resolve, 200));
    yield Buffer.from('b');
  };
  const response = await client({ idle: 100 }).send(put(url, { size: 2, open }));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await response.bytes(10)).bytes.toString()).toBe('ab');
});

test('a handshake that never ends is CONNECT_TIMEOUT', async () => {
  const port = await serveSocket(() => undefined);
  const work = client({ connect: 100 }).send(get(new URL(`https://127.0.0.1:${port}/`)));
  await expect(work).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT' });
});

test('resets and refusals carry their code; a reset of a kept connection is stale', async () => {
  let calls = 0;
  const { url } = await serve((request, response) => {
    calls += 1;
    if (calls === 1) response.end();
    else request.socket.resetAndDestroy();
  });
  const { send } = client();
  await (await send(get(url))).discard();
  await expect(send(get(url))).rejects.toMatchObject({ code: 'ECONNRESET', stale: true });
  await expect(send(get(url))).rejects.toMatchObject({ code: 'ECONNRESET', stale: false });
  const server = createSocketServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await expect(send(get(new URL(`http://127.0.0.1:${port}/`)))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a body that ends early is a failure of the connection', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(200, { 'Content-Length': '100' });
    response.write('some', () => response.socket?.end());
  });
  const response = await client().send(get(url));
  await expect(response.bytes(100)).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('an abort ends what is under way and what would begin, a body included', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(200, { 'Content-Length': '100' });
    response.write('some');
  });
  const abort = new AbortController();
  const { send } = client({ signal: abort.signal });
  const response = await send(get(url));
  const reading = response.bytes(100);
  abort.abort();
  await expect(reading).rejects.toMatchObject({ code: 'INTERRUPTED' });
  await expect(send(get(url))).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

test('close ends what is under way', async () => {
  const { url } = await serve(() => undefined);
  const { send, close } = client();
  const work = send(get(url));
  setTimeout(close, 20);
  await expect(work).rejects.toMatchObject({ code: 'INTERRUPTED' });
  await expect(send(get(url))).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

test('an error after the answer is nobody else’s problem', async () => {
  const { url, sockets } = await serve((_, response) => response.end('done'));
  const { send } = client();
  const response = await send(get(url));
  expect((await response.bytes(10)).bytes.toString()).toBe('done');
  for (const socket of sockets) socket.resetAndDestroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await expect(send(get(url))).resolves.toMatchObject({ status: 200 });
});
