import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findProgram, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import type { Command, LogPaths } from '../context.ts';
import { createStartLauncher, type LaunchedCommand } from '../launcher/start-launcher.ts';
import { createAgentStderr } from './agent-stderr.ts';
import { createAgentStdout } from './agent-stdout.ts';
import { createRunCommand, type RunCommandOptions } from './run-command.ts';

const ENTRY = resolve(import.meta.dirname, '../launcher/test-launcher-entry.ts');
const REPORT = /^Traceback \(most recent call last\):\n(?: .*\n)*/gm;

/** A runner whose stdout and stderr are files, and a way to run shell scripts with it. */
function laboratory(options: Partial<RunCommandOptions> = {}) {
  const dir = temporaryDirectory('run-command');
  const [out = 0, err = 0] = ['stdout', 'stderr'].map((name) => openSync(join(dir, name), 'w'));
  const stdout = createAgentStdout({ fd: out });
  const logs: LogPaths = { out: join(dir, 'a.log'), err: join(dir, 'a.log.err') };
  let n = 0;
  const { runCommand, kill } = createRunCommand({
    env: new Map([['PATH', process.env.PATH ?? '']]),
    bufferLimit: 8192n,
    clock: { now: () => 0 },
    stamp: () => {
      n += 1;
      return `T${n}`;
    },
    stdout,
    stderr: createAgentStderr(err),
    startLauncher: createStartLauncher({ entry: ENTRY, execArgv: [] }),
    ...options,
  });
  const command = (script: string): Command => ({
    argv: [findProgram('sh') ?? 'sh', '-c', script],
    rootMount: 'local',
    copyDir: dir,
    noChmod: true,
    env: new Map(),
  });
  const read = (name: string): string => readFileSync(join(dir, name), 'utf8').replace(REPORT, '<REPORT>\n');
  return {
    dir,
    logs,
    stdout,
    kill,
    command,
    read,
    runCommand,
    run: (script: string, more: Partial<Command> = {}) => runCommand({ ...command(script), ...more }, logs),
    close: () => [out, err].forEach(closeSync),
  };
}

test('both streams go to their own sink and log, with times that agree, and the status comes back', async () => {
  const lab = laboratory();
  lab.stdout.print('before');
  expect(await lab.run('echo one; printf two; sleep 0.1; echo three >&2')).toBe(0);
  lab.stdout.print('after');
  lab.stdout.flush();
  const log = lab.read('a.log');
  expect(log).toMatch(/^\[out\]T\d+ one\n\[out\]T\d+ two$/);
  expect(lab.read('stdout')).toBe(`before\n${log}after\n`);
  expect(lab.read('a.log.err')).toMatch(/^\[err\](T\d+) three\n\[err\]\1 $/);
  expect(lab.read('stderr')).toBe(lab.read('a.log.err'));
  lab.close();
});

test('a command that fails or is killed is 1, and its report goes through the tee', async () => {
  const lab = laboratory({ stamp: () => 'T' });
  expect(await lab.run('exit 7')).toBe(1);
  expect(lab.read('a.log')).toBe('');
  expect(lab.read('a.log.err')).toContain('[err]T Traceback (most recent call last):\n');
  expect(lab.read('a.log.err')).toContain('returned non-zero exit status 7.\n[err]T ');
  expect(await lab.run('kill -9 $$')).toBe(1);
  lab.close();
});

test('the logs of an earlier run are emptied; without logs there are none', async () => {
  const lab = laboratory({ stamp: () => 'T' });
  await lab.run('echo a long first line');
  await lab.run('echo 2');
  expect(lab.read('a.log')).toBe('[out]T 2\n[out]T ');
  expect(
    await lab.runCommand(
      { argv: ['sh', '-c', 'echo 3'], rootMount: 'local', copyDir: '/', noChmod: true, env: new Map() },
      undefined,
    ),
  ).toBe(0);
  expect(lab.read('a.log')).toBe('[out]T 2\n[out]T ');
  expect(lab.read('stdout')).toMatch(/3\n\[out\]T $/);
  lab.close();
});

test('an interrupt is echoed as own text, which waits on stdout and not in the log', async () => {
  const lab = laboratory({ stamp: () => 'T' });
  await lab.run('echo told >&2; cat stdout a.log >&2', { echo: 'sh -c x\udcff\n' });
  expect(lab.read('a.log')).toBe('sh -c x\ufffd\n');
  expect(lab.read('a.log.err')).toBe('[err]T told\n[err]T sh -c x\ufffd\n[err]T ');
  lab.stdout.flush();
  expect(readFileSync(join(lab.dir, 'stdout'))).toEqual(Buffer.from('sh -c x\xff\n', 'latin1'));
  lab.close();
});

test('a log that cannot be opened is a crash before anything starts', async () => {
  const lab = laboratory();
  const logs = { out: join(lab.dir, 'none', 'a.log'), err: join(lab.dir, 'a.err') };
  const error = { type: 'FileNotFoundError', message: `[Errno 2] No such file or directory: '${logs.out}'` };
  const command = {
    argv: ['touch', join(lab.dir, 'ran')],
    rootMount: 'local',
    copyDir: '/',
    noChmod: true,
    env: new Map(),
  };
  await expect(lab.runCommand(command, logs)).rejects.toMatchObject(error);
  expect(existsSync(join(lab.dir, 'ran'))).toBe(false);
  lab.close();
});

test.each(['a.log', 'a.log.err'])('a disk that is full under %s kills the launcher and is a crash', async (name) => {
  const start = createStartLauncher({ entry: ENTRY, execArgv: [] });
  let exited: Promise<number> | undefined;
  const lab = laboratory({
    startLauncher: (...words) => {
      const launched = start(...words);
      exited = launched.exited;
      return launched;
    },
  });
  const full = name === 'a.log' ? { out: '/dev/full', err: lab.logs.err } : { out: lab.logs.out, err: '/dev/full' };
  const command = lab.command('echo $$ >pid; echo o; echo e >&2; exec sleep 600');
  const error = { type: 'OSError', message: '[Errno 28] No space left on device' };
  await expect(lab.runCommand(command, full)).rejects.toMatchObject(error);
  expect(await exited).toBe(-9);
  // A sink that fails is not told as a stream that could not be read.
  expect(lab.read('stdout') + lab.read('stderr')).not.toContain('ERROR');
  process.kill(Number(lab.read('pid')));
  lab.close();
});

test('a read that fails ends its stream with a line that says so, and the run goes on', async () => {
  const launched = (): LaunchedCommand => ({
    pid: 1,
    stdout: [
      async (onBytes) => onBytes(Buffer.from('one\n')),
      () => Promise.reject(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', errno: -5 })),
    ],
    stderr: [async (onBytes) => onBytes(Buffer.from('e'))],
    exited: Promise.resolve(0),
    kill: () => expect.fail('killed'),
  });
  const lab = laboratory({ stamp: () => 'T', startLauncher: launched });
  expect(await lab.run('')).toBe(0);
  expect(lab.read('a.log')).toBe('[out]T one\n[out]T [out]T ERROR reading stream: [Errno 5] Input/output error\n');
  expect(lab.read('stdout')).toBe(lab.read('a.log'));
  expect(lab.read('a.log.err')).toBe('[err]T e');
  lab.close();
});

test.each([
  0n,
  -5n,
])('with limit %s nothing is shown of the output, and the command runs to its end (T31)', async (bufferLimit) => {
  const lab = laboratory({ stamp: () => 'T', bufferLimit });
  expect(await lab.run('head -c 1000000 /dev/zero; echo done >ran; echo e >&2')).toBe(0);
  const line = (label: string): string => `${label}T ERROR reading stream: 'NoneType' object has no attribute 'read'\n`;
  expect(lab.read('a.log')).toBe(line('[out]'));
  expect(lab.read('a.log.err')).toBe(line('[err]'));
  expect(lab.read('stdout')).toBe(line('[out]'));
  const callback = 'SubprocessStreamProtocol.connection_made()';
  expect(lab.read('stderr')).toBe(
    `Exception in callback ${callback}\nhandle: <Handle ${callback}>\n<REPORT>\nValueError: Limit cannot be <= 0\n${line('[err]')}`,
  );
  expect(lab.read('ran')).toBe('done\n');
  lab.close();
});

test('kill ends the launcher that runs, and nothing when none does', async () => {
  const lab = laboratory();
  lab.kill();
  const running = lab.run('echo $$ >pid; echo started; exec sleep 600 >/dev/null 2>&1');
  while (!existsSync(lab.logs.out) || !lab.read('a.log').includes('started'))
    await new Promise((resolve) => setImmediate(resolve));
  lab.kill();
  expect(await running).toBe(-9);
  process.kill(Number(lab.read('pid')));
  lab.close();
});

test('a child in the background keeps the agent reading', async () => {
  const lab = laboratory({ stamp: () => 'T' });
  expect(await lab.run('(sleep 0.3; echo late) & echo now')).toBe(0);
  expect(lab.read('a.log')).toBe('[out]T now\n[out]T late\n[out]T ');
  lab.close();
});

test('10 MB without a newline, and 100,000 empty lines', async () => {
  const lab = laboratory({ stamp: () => 'T' });
  expect(await lab.run('head -c 10485760 /dev/zero | tr "\\0" x')).toBe(0);
  expect(lab.read('a.log') === `[out]T ${'x'.repeat(10_485_760)}`).toBe(true);
  expect(await lab.run('yes "" | head -n 100000')).toBe(0);
  expect(lab.read('a.log') === `[out]T ${'\n[out]T '.repeat(100_000)}`).toBe(true);
  lab.close();
});

test('both streams at full speed lose nothing', async () => {
  const lab = laboratory({ stamp: () => 'T' });
  const lines = 300_000;
  const numbers = `awk 'BEGIN { for (i = 0; i < ${lines}; i++) printf "%s%d\\n", "a line that says which one it is: ", i }'`;
  expect(await lab.run(`${numbers} & ${numbers} >&2; wait`)).toBe(0);
  const all = Array.from({ length: lines }, (_, i) => `a line that says which one it is: ${i}\n`);
  for (const [log, label] of [
    ['a.log', '[out]'],
    ['a.log.err', '[err]'],
  ] as const) {
    expect(lab.read(log) === `${label}T ${all.join(`${label}T `)}${label}T `).toBe(true);
  }
  expect(lab.read('stdout') === lab.read('a.log')).toBe(true);
  expect(lab.read('stderr') === lab.read('a.log.err')).toBe(true);
  lab.close();
});
