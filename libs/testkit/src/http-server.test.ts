import { expect, test } from 'vitest';
import { startHttpServer } from './http-server.ts';

test('it answers until it is stopped, also while a connection is open', async () => {
  const server = await startHttpServer((request, response) => {
    if (request.url === '/x') response.end('here');
  });
  expect(await (await fetch(server.url)).text()).toBe('here');
  expect(server.sockets.size).toBe(1);
  const waiting = fetch(`http://${server.host}/never`).catch(() => 'ended');
  while (server.sockets.size === 0) await new Promise((resolve) => setImmediate(resolve));
  await server.stop();
  expect(await waiting).toBe('ended');
  await expect(fetch(server.url)).rejects.toThrow();
});
