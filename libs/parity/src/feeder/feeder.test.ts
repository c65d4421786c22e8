import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs, temporaryDirectory } from '@baton/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FeedStep } from '../model/scenario.ts';
import { buildFeeder } from './build-feeder.ts';
import { encodeFeed } from './feed-program.ts';
import { assertFeedersWorked, createLayFeeder, openFeederKit } from './lay-feeders.ts';

/** Prints what each read gave, in hex, and is busy for a while with each. */
const READER = `
  const { readSync } = require('node:fs');
  const buffer = Buffer.alloc(262144);
  for (;;) {
    const size = readSync(0, buffer);
    if (size === 0) break;
    const end = performance.now() + Number(process.argv[1]);
    while (performance.now() < end);
    console.log(size > 40 ? size : buffer.toString('hex', 0, size));
  }`;

let cache = '';
beforeAll(() => {
  cache = temporaryDirectory('feeder-cache');
});

async function layStep(steps: readonly FeedStep[], directory = temporaryDirectory('feeder')): Promise<string> {
  const path = join(directory, 'step');
  await createLayFeeder({ cache, env: {} })(path, { path: '/step', mode: '0755', steps });
  chmodSync(path, 0o755);
  return path;
}

const write = (text: string, fd: 1 | 2 = 1): FeedStep => ({ kind: 'write', fd, bytes: Buffer.from(text, 'latin1') });
const idle: FeedStep = { kind: 'idle' };

/** Runs a shell line, with the step as $0 and Node as $NODE. */
function shell(line: string, step: string) {
  const env = { PATH: process.env.PATH, NODE: process.execPath, READER };
  const ran = spawnSync('bash', ['-c', line, step], {
    env,
    encoding: 'latin1',
    timeout: 25_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { code: ran.status, signal: ran.signal, out: ran.stdout, err: ran.stderr };
}

const PIECES = ['a', '\xe2\x82', '\xac\n', '\0', 'x'.repeat(8192), 'y'.repeat(65_536), '\r', '\n'];
const READ = ['61', 'e282', 'ac0a', '00', '8192', '65536', '0d', '0a'];

describe('a feeder', () => {
  test('hands over each piece whole, however busy its reader is with the one before', async () => {
    const step = await layStep(PIECES.flatMap((piece) => [write(piece), idle]));
    for (const busy of [0, 15]) {
      const { out } = shell(`"$0" | "$NODE" -e "$READER" ${busy}`, step);
      expect(out.trim().split('\n')).toEqual(READ);
    }
  });

  test('waits for a reader whose work another thread of it does', async () => {
    const reader = `
      const { Worker } = require('node:worker_threads');
      const worker = new Worker("const { parentPort } = require('node:worker_threads'); parentPort.on('message', (m) => {"
        + "const end = performance.now() + 30; while (performance.now() < end); parentPort.postMessage(m); })", { eval: true });
      let open = 0, most = 0;
      worker.on('message', () => { open -= 1; });
      process.stdin.on('data', (d) => { open += 1; most = Math.max(most, open); worker.postMessage(d); });
      process.stdin.on('end', () => setTimeout(() => { console.log(most); process.exit(); }, 200));`;
    const step = await layStep(Array.from({ length: 5 }, () => [write('a'), idle]).flat());
    writeFileSync(`${step}.cjs`, reader);
    expect(shell('"$0" | "$NODE" "$0.cjs"', step).out).toBe('1\n');
  });

  test('ends as it is told', async () => {
    expect(shell('"$0"', await layStep([{ kind: 'exit', code: 7 }])).code).toBe(7);
    expect(shell('"$0"', await layStep([])).code).toBe(0);
    expect(shell('exec "$0"', await layStep([{ kind: 'signal', signal: 'KILL', to: 'self' }])).signal).toBe('SIGKILL');
    const parent = await layStep([
      { kind: 'signal', signal: 'TERM', to: 'launcher' },
      { kind: 'sleep', seconds: 0.05 },
    ]);
    expect(shell('"$0"; echo survived', parent)).toMatchObject({ signal: 'SIGTERM', out: '' });
  });

  test('writes to both streams, closes one, and leaves a child behind that keeps the other', async () => {
    const steps: FeedStep[] = [
      write('out'),
      write('err', 2),
      { kind: 'close', fd: 1 },
      { kind: 'child', seconds: 0.3 },
    ];
    const began = performance.now();
    expect(shell('"$0"', await layStep(steps))).toMatchObject({ code: 0, out: 'out', err: 'err' });
    // Standard error ends when the child does.
    expect(performance.now() - began).toBeGreaterThan(290);
  });

  test('does nothing more when a reader cannot be waited for, and says so beside its file', async () => {
    const directory = temporaryDirectory('feeder');
    const step = join(directory, 'step');
    const program = readFileSync(await buildFeeder({ cache }));
    writeFileSync(step, Buffer.concat([program, encodeFeed([write('a'), idle, write('b')], 200)]), { mode: 0o755 });
    const feeders = [{ path: '/step', mode: '0755', steps: [] }];
    await assertFeedersWorked(directory, feeders);
    expect(shell('"$0" | sleep 2; exit "${PIPESTATUS[0]}"', step).code).toBe(125);
    await expect(assertFeedersWorked(directory, feeders)).rejects.toMatchObject({
      code: 'READER_NOT_IDLE',
      message: 'the feeder /step could not do its steps: descriptor 1 holds 1 bytes that nobody takes',
    });
    expect(shell('"$0" > /dev/null', step)).toMatchObject({
      code: 125,
      err: expect.stringContaining('so there is no reader'),
    });
  });

  test('tells a program that is damaged', async () => {
    const step = await layStep([write('a')]);
    writeFileSync(step, readFileSync(step).subarray(0, -1));
    expect(shell('"$0"', step)).toMatchObject({
      code: 125,
      err: 'FEEDER_FAULT: there is no program at the end of its file\n',
    });
  });

  needs('root')('finds its reader from inside an empty root without /proc, and leaves nothing there', async () => {
    const root = temporaryDirectory('feeder-root');
    const step = await layStep(
      PIECES.flatMap((piece) => [write(piece), idle]),
      root,
    );
    const { out } = shell('chroot "${0%/*}" /step | "$NODE" -e "$READER" 5', step);
    expect(out.trim().split('\n')).toEqual(READ);
    expect(readdirSync(root)).toEqual(['step']);
  });
});

describe('without a compiler', () => {
  test('there is no feeder, unless a script is asked for', async () => {
    const options = { cache: temporaryDirectory('empty-cache'), compilers: ['no-such-compiler', 'false'] };
    await expect(openFeederKit({ ...options, env: {} })).rejects.toMatchObject({
      code: 'FEEDER_UNAVAILABLE',
      message: expect.stringMatching(/"no-such-compiler" was not found.*; false ended with 1/),
    });
    await expect(openFeederKit({ ...options, env: { BATON_FEEDER: 'script' } })).resolves.toEqual({ tier: 'pause' });
  });

  test('the script writes the same bytes, in the same pieces', async () => {
    const path = join(temporaryDirectory('feeder'), 'step');
    const steps = [...PIECES.flatMap((piece) => [write(piece), idle]), { kind: 'exit' as const, code: 3 }];
    await createLayFeeder({ env: { BATON_FEEDER: 'script' } })(path, { path: '/step', mode: '0755', steps });
    chmodSync(path, 0o755);
    const { out, code } = shell('"$0" | "$NODE" -e "$READER" 0; exit "${PIPESTATUS[0]}"', path);
    expect({ out: out.trim().split('\n'), code }).toEqual({ out: READ, code: 3 });
  });
});

test('a signal or a time that Linux does not have is refused', () => {
  expect(() => encodeFeed([{ kind: 'signal', signal: 'SIGTERM', to: 'self' }])).toThrow(
    'the name of a signal without SIG',
  );
  expect(() => encodeFeed([{ kind: 'sleep', seconds: 5000 }])).toThrow('0 to 4294 seconds');
});

test('is built once', async () => {
  const first = await buildFeeder({ cache });
  expect(await buildFeeder({ cache, compilers: ['false'] })).toBe(first);
  expect(readdirSync(join(cache, 'feeder')).length).toBe(1);
  expect(existsSync(first)).toBe(true);
});
