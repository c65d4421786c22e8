import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { observeEffects } from './effects.ts';
import { killGroup, type ProcessSpec, runProcess, succeeded, toolEnv } from './process.ts';
import { registerSecret } from './redact.ts';

afterEach(() => {
  observeEffects(undefined);
  delete process.env.SECRET_TOKEN;
});

const node = (code: string, more: Partial<ProcessSpec> = {}): ProcessSpec => ({
  command: process.execPath,
  args: ['-e', code],
  env: toolEnv(),
  ...more,
});
const shell = (script: string, more: Partial<ProcessSpec> = {}): ProcessSpec => ({
  command: 'sh',
  args: ['-c', script],
  env: toolEnv(),
  ...more,
});

/** Resolves when a process is gone (a zombie that nobody has reaped counts as gone). */
async function gone(pid: number): Promise<void> {
  for (;;) {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (status === undefined || status.slice(status.lastIndexOf(')')).startsWith(') Z')) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('bytes go in and come out as they are', async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 256));
  const result = await runProcess(node('process.stdin.pipe(process.stdout)', { stdin: bytes }));
  expect(result.stdout.equals(bytes)).toBe(true);
  expect(succeeded(result)).toBe(true);
});

test('arguments reach the program as they are, past every shell', async () => {
  const args = ['$HOME', 'a b', "'", '*', ''];
  const result = await runProcess({
    command: process.execPath,
    args: ['-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--', ...args],
    env: toolEnv(),
  });
  expect(JSON.parse(result.stdout.toString('utf8'))).toEqual(args);
});

test('a failing program and a killed one are results', async () => {
  const failed = await runProcess(shell('echo no >&2; exit 3'));
  expect([failed.code, failed.signal, failed.stderr.toString('utf8')]).toEqual([3, null, 'no\n']);
  expect(succeeded(failed)).toBe(false);
  const killed = await runProcess(shell('kill -TERM $$'));
  expect([killed.code, killed.signal]).toEqual([null, 'SIGTERM']);
});

test('the environment is exactly the one given', async () => {
  process.env.SECRET_TOKEN = 'x';
  const result = await runProcess({ command: '/usr/bin/env', args: [], env: { ONLY: 'this' } });
  expect(result.stdout.toString('utf8')).toBe('ONLY=this\n');
});

test('a program that does not read its input is no error', async () => {
  const result = await runProcess(shell('exec 0<&-; exit 0', { stdin: Buffer.alloc(5_000_000) }));
  expect(result.code).toBe(0);
});

describe('toolEnv', () => {
  test('has what tools need, speaks English, and none of ours', () => {
    process.env.SECRET_TOKEN = 'x';
    const env = toolEnv({ EXTRA: '1' });
    expect(env).toMatchObject({ PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC', EXTRA: '1' });
    expect(env).not.toHaveProperty('SECRET_TOKEN');
    expect(env).not.toHaveProperty('NODE_OPTIONS');
  });
});

describe('a program that cannot be started', () => {
  test('is TOOL_MISSING with its name and what to do', async () => {
    const attempt = runProcess({ command: 'no-such-program', args: [], env: toolEnv() });
    await expect(attempt).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: 'the program "no-such-program" was not found',
      hint: expect.stringContaining('Install no-such-program'),
    });
  });

  test('may lack only its directory', async () => {
    const cwd = join(temporaryDirectory(), 'none');
    await expect(runProcess(shell('true', { cwd }))).rejects.toThrow(`the directory ${cwd} to run it in`);
  });

  test('is TOOL_FAILED when the system refuses it', async () => {
    const file = join(temporaryDirectory(), 'tool');
    await writeFile(file, '');
    await chmod(file, 0o644);
    const refused = runProcess({ command: file, args: [], env: {} });
    await expect(refused).rejects.toMatchObject({ code: 'TOOL_FAILED', message: expect.stringContaining('EACCES') });
    const tooLong = runProcess(shell('true', { args: ['-c', 'true', 'x'.repeat(3_000_000)] }));
    await expect(tooLong).rejects.toMatchObject({ code: 'TOOL_FAILED', message: expect.stringContaining('E2BIG') });
  });
});

describe('bounds', () => {
  test('a time-out ends the whole group', async () => {
    const file = join(temporaryDirectory(), 'pid');
    const attempt = runProcess(shell(`sleep 300 & echo $! > ${file}; sleep 300`, { timeout: 500 }));
    await expect(attempt).rejects.toMatchObject({ code: 'TIMEOUT', message: 'sh did not end within 500 ms' });
    await gone(Number(await readFile(file, 'utf8')));
  });

  test('a time-out does not wait for a descendant that left the group and holds the pipes', async () => {
    const file = join(temporaryDirectory(), 'pid');
    const leaver = `const child = require('child_process').spawn('sleep', ['300'], { detached: true, stdio: 'inherit' });
      require('fs').writeFileSync(${JSON.stringify(file)}, String(child.pid));`;
    await expect(runProcess(node(leaver, { timeout: 1000 }))).rejects.toMatchObject({ code: 'TIMEOUT' });
    process.kill(Number(await readFile(file, 'utf8')), 'SIGKILL');
  });

  test('a time-out does not wait for a receiver that never returns', async () => {
    const onStdout = (): Promise<void> => new Promise(() => undefined);
    await expect(runProcess(shell('echo x; sleep 300', { onStdout, timeout: 500 }))).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
  });

  test('an aborted signal ends it, or keeps it from starting', async () => {
    const abort = new AbortController();
    const running = runProcess(shell('echo up; sleep 300', { signal: abort.signal, onStdout: () => abort.abort() }));
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    const file = join(temporaryDirectory(), 'made');
    await expect(runProcess(shell(`touch ${file}`, { signal: abort.signal }))).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect(existsSync(file)).toBe(false);
  });

  test('too much output is an error; each stream has the limit for itself', async () => {
    const both = await runProcess(shell('printf 12345; printf 12345 >&2', { maxOutput: 5 }));
    expect(both.stdout.byteLength + both.stderr.byteLength).toBe(10);
    for (const target of ['1', '2']) {
      const attempt = runProcess(shell(`yes >&${target}`, { maxOutput: 100_000 }));
      await expect(attempt).rejects.toThrow('sh printed more than 100000 bytes');
    }
  });
});

describe('streaming', () => {
  test('the receiver sets the pace and gets every byte once', async () => {
    let size = 0;
    let busy = 0;
    const result = await runProcess(
      shell('head -c 1000000 /dev/zero; echo done >&2', {
        maxOutput: 100,
        async onStdout(chunk) {
          busy += 1;
          expect(busy).toBe(1);
          await new Promise((resolve) => setImmediate(resolve));
          size += chunk.byteLength;
          busy -= 1;
        },
      }),
    );
    expect(size).toBe(1_000_000);
    expect(result.stdout.byteLength).toBe(0);
  });

  test('errors are seen while they are printed, and kept', async () => {
    const seen: string[] = [];
    const result = await runProcess(
      shell('echo a >&2', { onStderr: (chunk) => void seen.push(chunk.toString('utf8')) }),
    );
    expect(seen.join('')).toBe('a\n');
    expect(result.stderr.toString('utf8')).toBe('a\n');
  });

  test('a receiver that fails ends the program', async () => {
    const onStdout = (): never => {
      throw new Error('disk full');
    };
    await expect(runProcess(shell('yes', { onStdout }))).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      cause: expect.objectContaining({ message: 'disk full' }),
    });
  });
});

test('it is one effect, without secrets in its name', async () => {
  registerSecret('sesame-open');
  const seen: string[] = [];
  observeEffects({ before: ({ kind, target }) => void seen.push(`${kind} ${target}`) });
  await runProcess({ command: 'true', args: ['--password', 'sesame-open'], env: toolEnv() });
  expect(seen).toEqual(['spawn true --password ***']);
});

test('killing a group that is gone, or never was, is no error', async () => {
  const result = await runProcess(shell('echo $$'));
  expect(() => killGroup(Number(result.stdout.toString('utf8')))).not.toThrow();
  expect(() => killGroup(undefined)).not.toThrow();
});

describe('standard input as a stream', () => {
  test('a program that ends is told, also while its input waits for something else', async () => {
    let leave: (end: IteratorResult<Buffer, undefined>) => void = () => undefined;
    const done = { done: true, value: undefined } as const;
    const iterator: AsyncIterator<Buffer, undefined> = {
      next: () =>
        new Promise((resolve) => {
          leave = resolve;
        }),
      async return() {
        leave(done);
        return done;
      },
    };
    const stdin = { [Symbol.asyncIterator]: () => iterator };
    expect((await runProcess(shell('exit 4', { stdin }))).code).toBe(4);
  });

  async function* pieces(count: number): AsyncGenerator<Buffer> {
    for (let i = 0; i < count; i += 1) yield Buffer.alloc(64 * 1024, 'x');
  }

  test('is passed on whole', async () => {
    const result = await runProcess({ command: 'wc', args: ['-c'], env: toolEnv(), stdin: pieces(40) });
    expect(result.stdout.toString().trim()).toBe(`${40 * 64 * 1024}`);
  });

  test('that fails ends the program and is what is thrown', async () => {
    const failing = async function* (): AsyncGenerator<Buffer> {
      yield* pieces(1);
      throw new RangeError('source broke');
    };
    const run = runProcess({ command: 'cat', args: [], env: toolEnv(), stdin: failing() });
    await expect(run).rejects.toThrow(new RangeError('source broke'));
  });

  test('is closed when the program needs no more of it', async () => {
    let closed = false;
    const endless = async function* (): AsyncGenerator<Buffer> {
      try {
        for (;;) yield* pieces(1);
      } finally {
        closed = true;
      }
    };
    const result = await runProcess({ command: 'head', args: ['-c', '5'], env: toolEnv(), stdin: endless() });
    expect(result.stdout.toString()).toBe('xxxxx');
    expect(closed).toBe(true);
  });
});
