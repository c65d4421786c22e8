import { request } from 'node:http';
import { expect, test } from 'vitest';
import { startFakeEngine } from './engine-fake.ts';

interface Answer {
  status: number | undefined;
  text: string;
  error?: string;
}

function ask(host: string, method: string, path: string, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socketPath = host.slice('unix://'.length);
    const asking = request({ socketPath, method, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', (error) => resolve({ status: response.statusCode, text, error: error.message }));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

test('a fake engine says what its script says, and remembers what it was asked', async () => {
  const engine = await startFakeEngine({
    'POST /a': { send: [{ x: 1 }, 'raw'] },
    'GET /b': ({ query }) => ({ status: 500, send: [query.get('q') ?? ''] }),
    'GET /cut': { send: ['some'], after: 'cut' },
  });
  expect(await ask(engine.host, 'GET', '/_ping')).toEqual({ status: 200, text: 'OK' });
  expect(await ask(engine.host, 'POST', '/a', 'body')).toEqual({ status: 200, text: '{"x":1}\nraw' });
  expect(await ask(engine.host, 'GET', '/b?q=7')).toEqual({ status: 500, text: '7' });
  expect(await ask(engine.host, 'GET', '/cut')).toMatchObject({ status: 200, text: 'some', error: 'aborted' });
  expect((await ask(engine.host, 'GET', '/none')).status).toBe(404);
  expect(engine.requests.map(({ method, path, body }) => [method, path, String(body)])).toEqual([
    ['POST', '/a', 'body'],
    ['GET', '/b', ''],
    ['GET', '/cut', ''],
    ['GET', '/none', ''],
  ]);
  await engine.stop();
  expect(engine.connections()).toBe(0);
});
