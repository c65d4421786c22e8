import { expect, test } from 'vitest';
import { toolEnv } from './process.ts';
import { streamProcess } from './process-stream.ts';

const node = (script: string) => ({ command: process.execPath, args: ['-e', script], env: toolEnv() });

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const out: Buffer[] = [];
  for await (const chunk of chunks) out.push(chunk);
  return Buffer.concat(out);
}

test('yields everything the program prints, more than any output limit holds', async () => {
  const script = `const b = Buffer.alloc(1 << 20, 7); let n = 0;
    const more = () => { while (n < 80) { n++; if (!process.stdout.write(b)) return process.stdout.once('drain', more); } }; more();`;
  let size = 0;
  for await (const chunk of streamProcess(node(script))) size += chunk.byteLength;
  expect(size).toBe(80 << 20);
});

test('a failing program is an error after its last byte, with the last line it said', async () => {
  const seen: string[] = [];
  const run = async (): Promise<void> => {
    const script = `process.stdout.write('part'); console.error('first'); console.error('no such thing'); process.exitCode = 3`;
    for await (const chunk of streamProcess(node(script))) seen.push(chunk.toString());
  };
  await expect(run()).rejects.toMatchObject({
    code: 'TOOL_FAILED',
    message: expect.stringMatching(/3: no such thing$/),
  });
  expect(seen.join('')).toBe('part');
});

test('a missing program is TOOL_MISSING', async () => {
  const spec = { command: 'no-such-program-here', args: [], env: toolEnv() };
  await expect(collect(streamProcess(spec))).rejects.toMatchObject({ code: 'TOOL_MISSING' });
});

test('a reader that stops early ends the program', async () => {
  const script = `process.stdout.write(String(process.pid)); setInterval(() => process.stdout.write('x'), 1)`;
  let pid = 0;
  for await (const chunk of streamProcess(node(script))) {
    pid = Number.parseInt(chunk.toString(), 10);
    break;
  }
  expect(pid).toBeGreaterThan(0);
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});

test('an abort ends it with INTERRUPTED', async () => {
  const controller = new AbortController();
  const run = async (): Promise<void> => {
    const script = `process.stdout.write('up'); setInterval(() => undefined, 1000)`;
    for await (const _ of streamProcess({ ...node(script), signal: controller.signal })) controller.abort();
  };
  await expect(run()).rejects.toMatchObject({ code: 'INTERRUPTED' });
});
