import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import { BatonError } from './errors.ts';
import { encodeMessage, errorOf, type FlightMessage, lastMessage, parseMessage, readLines } from './flight-wire.ts';
import { lockAddress } from './locks.ts';
import { registerSecret } from './redact.ts';
import { VERSION } from './version.ts';

const messages: FlightMessage[] = [
  { hello: { version: VERSION, pid: 1, mark: 'm' } },
  { event: { type: 'layer.progress', id: 'a', done: 1, data: { deep: [1, { x: null }] } } },
  { done: { result: { text: 'line\nbreak \u2028 ü' } } },
  { error: { code: 'DISK_FULL', message: 'full', hint: 'h', details: { a: 1 }, retryable: true } },
  { bye: true },
];

test.each(messages)('a message is one line and comes back: %j', (message) => {
  const line = encodeMessage(message);
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(parseMessage(line.trimEnd())).toEqual(message);
});

test('results and errors come back, whatever they hold', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (result) => {
      const message = parseMessage(lastMessage({ result }).trimEnd());
      expect(message).toEqual({ done: { result: JSON.parse(JSON.stringify(result)) } });
    }),
  );
  const codes = fc.constantFrom(...(Object.keys(ERROR_CODES) as ErrorCode[]));
  fc.assert(
    fc.property(
      codes,
      fc.string(),
      fc.option(fc.string()),
      fc.dictionary(fc.string(), fc.integer()),
      (code, text, hint, details) => {
        const thrown = new BatonError(code, text, { ...(hint === null ? {} : { hint }), details });
        const message = parseMessage(lastMessage({ error: thrown }).trimEnd());
        if (message === undefined || !('error' in message)) throw new Error('no error came back');
        expect(errorOf(message.error).toJSON()).toEqual(thrown.toJSON());
      },
    ),
  );
});

test('what is no message is none, and never an exception', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseMessage(text)));
  fc.assert(fc.property(fc.jsonValue(), (value) => void parseMessage(JSON.stringify(value))));
  for (const text of [
    '{"hello":{"version":"0.0.0-other","pid":1,"mark":"m"}}',
    `{"hello":{"version":"${VERSION}","pid":"1","mark":"m"}}`,
    '{"error":{"code":"toString","message":"x"}}',
    '{"error":{"code":"DISK_FULL"}}',
    '{"error":{"code":"DISK_FULL","message":"x","details":[]}}',
    '{"event":{"id":"x"}}',
    '{"done":1}',
    '{"bye":false}',
    '[]',
    'null',
    '',
  ]) {
    expect(parseMessage(text)).toBeUndefined();
  }
});

test('no secret goes out with an error', () => {
  registerSecret('hunter2hunter2');
  const error = new BatonError('AUTH_DENIED', 'no: hunter2hunter2', { details: { sent: 'hunter2hunter2' } });
  expect(lastMessage({ error })).not.toContain('hunter2');
});

test('lines are whole however they come, also characters that are cut', async () => {
  const lines = ['plain', 'ünï ☃ 𝄞', '', 'x'.repeat(300_000)];
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  for (const step of [1, 2, 3, 7, 65_536]) {
    const seen: string[] = [];
    const { sender, receiver } = await pipe();
    readLines(receiver, (line) => {
      seen.push(line);
      return true;
    });
    if (step < 65_536) {
      for (let at = 0; at < 60; at += step) {
        sender.write(bytes.subarray(at, Math.min(at + step, 60)));
        await new Promise((resolve) => setImmediate(resolve));
      }
      sender.end(bytes.subarray(60));
    } else sender.end(bytes);
    await once(receiver, 'close');
    expect(seen).toEqual(lines);
  }
});

test('after the first line that is refused, the rest is thrown away', async () => {
  const seen: string[] = [];
  const { sender, receiver } = await pipe();
  readLines(receiver, (line) => {
    seen.push(line);
    return line !== 'b';
  });
  sender.write('a\nb\nc\n');
  sender.end('d\ne');
  await once(receiver, 'close');
  expect(seen).toEqual(['a', 'b']);
});

async function pipe(): Promise<{ sender: Socket; receiver: Socket }> {
  const address = lockAddress(`wire ${process.pid} ${Math.random()}`);
  const server = createServer().listen(address);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const sender = createConnection(address);
  const [receiver] = (await once(server, 'connection')) as [Socket];
  return { sender, receiver };
}
