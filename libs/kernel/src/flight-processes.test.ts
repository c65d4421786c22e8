import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { observeEffects } from './effects.ts';
import { joinFlight } from './flight.ts';
import { MARK_VARIABLE, markKey, newMark } from './flight-mark.ts';
import { lockAddress, withLock } from './locks.ts';
import { ownerTag } from './owner.ts';
import { runProcess, toolEnv } from './process.ts';
import { type FlightProcess, flightGround, runs, until } from './test-flight.ts';

describe('eight processes', () => {
  test('do one piece of work and get one result', async () => {
    const ground = flightGround();
    const open = join(ground.dir, 'open');
    const all = Array.from({ length: 8 }, (_, i) => ground.start({ answer: { by: i }, until: open }));
    const [leader] = await ground.logged('begin');
    await Promise.all(all.filter(({ child }) => child.pid !== leader).map((one) => one.waiting()));
    writeFileSync(open, '');
    const ends = await Promise.all(all.map(({ end }) => end));
    expect(new Set(ends.map((end) => JSON.stringify(end))).size).toBe(1);
    expect(ends[0]?.result).toMatchObject({ by: expect.any(Number) });
    expect(ground.log()).toEqual([`begin ${leader}`, `end ${leader}`]);
    for (const one of all) {
      const told = one.lines.flatMap(({ event }) => (event === undefined || event.type === 'note' ? [] : [event]));
      expect(told.at(0)).toEqual({ type: 'work.start', id: 'w', label: 'work' });
      expect(told.at(-1)).toEqual({ type: 'work.progress', id: 'w', done: 2 });
    }
  });

  test('share an error; the next call starts afresh', async () => {
    const ground = flightGround();
    const open = join(ground.dir, 'open');
    const all = Array.from({ length: 8 }, () => ground.start({ fail: true, until: open }));
    const [leader] = await ground.logged('begin');
    await Promise.all(all.filter(({ child }) => child.pid !== leader).map((one) => one.waiting()));
    writeFileSync(open, '');
    for (const { end } of all) expect(await end).toMatchObject({ error: { code: 'DISK_FULL', message: 'no space' } });
    expect(ground.log().filter((line) => line.startsWith('begin'))).toHaveLength(1);
    expect(await ground.start({ answer: 'fresh' }).end).toEqual({ result: 'fresh' });
  });
});

test('a caller who leaves returns at once, and his process ends when the work has landed', async () => {
  const ground = flightGround();
  const open = join(ground.dir, 'open');
  const first = ground.start({ answer: 1, until: open, leaveAfter: 100 });
  await until('leaving', () => first.lines.find(({ error }) => error !== undefined));
  expect(first.child.exitCode).toBeNull();
  const second = ground.start({ answer: 2 });
  await second.waiting();
  writeFileSync(open, '');
  expect(await second.end).toEqual({ result: 1 });
  expect(await first.end).toMatchObject({ error: { code: 'INTERRUPTED' } });
});

describe('a leader that ends', () => {
  test('by SIGTERM: it says so, and another takes over', async () => {
    const ground = flightGround();
    const first = ground.start({ run: 'sleep 300' });
    await ground.logged('begin');
    const second = ground.start({ answer: 'taken over' });
    await second.waiting();
    first.child.kill('SIGTERM');
    expect(await first.end).toMatchObject({ error: { code: 'INTERRUPTED' } });
    expect(await second.end).toEqual({ result: 'taken over' });
    expect(ground.records()).toEqual([]);
  });

  test('by SIGKILL: another takes over at once', async () => {
    const ground = flightGround();
    const first = ground.start({ until: join(ground.dir, 'never') });
    await ground.logged('begin');
    const second = ground.start({ answer: 'taken over' });
    await second.waiting();
    first.child.kill('SIGKILL');
    expect(await second.end).toEqual({ result: 'taken over' });
  });
});

describe.runIf(process.platform === 'linux')('programs of a killed leader', () => {
  // Says who is there, and stays: the program itself, a child, and one that left the group.
  const stay = (file: string): string =>
    `echo $$ >> ${file}; sleep 300 & echo $! >> ${file}; setsid sh -c 'echo $$ >> ${file}; exec sleep 300' & wait`;
  const pidsIn = (file: string, count: number): Promise<number[]> =>
    until(`${count} programs`, () => {
      const found = readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);
      return found.length === count ? found : undefined;
    });

  test('are gone before the next one starts its own, also those that left their group', async () => {
    const ground = flightGround();
    const pids = join(ground.dir, 'pids');
    writeFileSync(pids, '');
    const first = ground.start({ run: stay(pids) });
    const left = await pidsIn(pids, 3);
    const alive = join(ground.dir, 'alive');
    const look = `for pid in ${left.join(' ')}; do grep '^State:' /proc/$pid/status | grep -v zombie >> ${alive}; done; true`;
    const second = ground.start({ run: look, answer: 'taken over' });
    await second.waiting();
    expect(left.map(runs)).toEqual([true, true, true]);
    first.child.kill('SIGKILL');
    expect(await second.end).toEqual({ result: 'taken over' });
    expect(left.map(runs)).toEqual([false, false, false]);
    expect(readFileSync(alive, 'utf8')).toBe('');
    expect(ground.records()).toEqual([]);
  });

  test('are found by one who comes later', async () => {
    const ground = flightGround();
    const pids = join(ground.dir, 'pids');
    writeFileSync(pids, '');
    const first = ground.start({ run: stay(pids) });
    const left = await pidsIn(pids, 3);
    first.child.kill('SIGKILL');
    await first.end;
    expect(left.map(runs)).toEqual([true, true, true]);
    expect(await ground.start({ answer: 'later' }).end).toEqual({ result: 'later' });
    expect(left.map(runs)).toEqual([false, false, false]);
    expect(ground.records()).toEqual([]);
  });

  test('are found under a lock as well', async () => {
    const ground = flightGround();
    const { key, records } = ground.task();
    const pids = join(ground.dir, 'pids');
    writeFileSync(pids, '');
    const script = `import { runProcess, withLock } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
      await withLock(${JSON.stringify(key)}, () => runProcess({ command: 'sh', args: ['-c', ${JSON.stringify(stay(pids))}], env: process.env }),
        { records: ${JSON.stringify(records)} });`;
    const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
    const left = await pidsIn(pids, 3);
    holder.kill('SIGKILL');
    await withLock(key, async () => expect(left.map(runs)).toEqual([false, false, false]), { records });
  });

  test('are alone: what belongs to others, to the living or to a work that is over goes on', async () => {
    const ground = flightGround();
    const { key, records } = ground.task();
    const other = flightGround().task();
    const bystander = (mark: string): number => {
      const child = spawn('sleep', ['300'], { env: { ...toolEnv(), [MARK_VARIABLE]: mark }, detached: true });
      onTestFinished(() => void child.kill('SIGKILL'));
      return child.pid ?? 0;
    };
    // Somebody who has ended, so that marks of his look like those of the dead.
    const gone = spawn(process.execPath, ['-e', '']);
    await once(gone, 'close');
    const [, start, place] = ownerTag().split('-');
    const dead = `${gone.pid}-${start}-${place}`;
    const mark = (name: string, owner: string, n: number): string => `${markKey(name)}.${owner}.${n}`;
    mkdirSync(records, { recursive: true });
    writeFileSync(join(records, mark(key, dead, 1)), '');
    writeFileSync(join(records, mark(key, ownerTag(), 900)), '');
    writeFileSync(join(records, mark(key, '1-1-00000000', 1)), '');
    const innocent = {
      'of another flight': bystander(mark(other.key, dead, 1)),
      'of a living owner': bystander(mark(key, ownerTag(), 900)),
      'of another machine': bystander(mark(key, '1-1-00000000', 1)),
      'of a work that was over before its owner died': bystander(mark(key, dead, 2)),
      'of nobody': bystander(''),
    };
    const guilty = bystander(`${newMark('around')} ${mark(key, dead, 1)}`);
    await joinFlight({ key, records, work: async () => undefined }, { emit: () => undefined });
    expect(runs(guilty)).toBe(false);
    expect(Object.entries(innocent).filter(([, pid]) => !runs(pid))).toEqual([]);
  });

  test('a server that a program leaves running on purpose lives on, also when the flight is asked for again', async () => {
    const ground = flightGround();
    const file = join(ground.dir, 'server');
    const daemon = `setsid sh -c 'echo $$ > ${file}; exec sleep 300' > /dev/null 2>&1 < /dev/null & sleep 0.1`;
    expect(await ground.start({ run: daemon, answer: 1 }).end).toEqual({ result: 1 });
    const pid = await until('the server', () => Number(readFileSync(file, 'utf8')) || undefined);
    onTestFinished(() => void process.kill(pid, 'SIGKILL'));
    expect(await ground.start({ answer: 2 }).end).toEqual({ result: 2 });
    expect(runs(pid)).toBe(true);
  });

  test('what a program starts through Baton carries the mark on, in whatever group', async () => {
    const ground = flightGround();
    const { key, records } = ground.task();
    const inner = `import { runProcess, toolEnv } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
      const { stdout } = await runProcess({ command: 'env', args: [], env: toolEnv() });
      process.stdout.write(stdout);`;
    const work = async (): Promise<string> => {
      const args = ['--input-type=module', '--eval', inner];
      const { stdout } = await runProcess({ command: process.execPath, args, env: toolEnv() });
      return stdout.toString();
    };
    const seen = await joinFlight(
      { key: `outer ${key}`, records, work: () => joinFlight({ key, records, work }, { emit: () => undefined }) },
      { emit: () => undefined },
    );
    const marks = new RegExp(`^${MARK_VARIABLE}=(.*)$`, 'm').exec(seen)?.[1]?.split(' ') ?? [];
    expect(marks.map((mark) => mark.split('.')[0])).toEqual([markKey(`outer ${key}`), markKey(key)]);
    expect((await runProcess({ command: 'env', args: [], env: toolEnv() })).stdout.toString()).not.toContain(
      MARK_VARIABLE,
    );
  });
});

describe('those who wait', () => {
  test('and read nothing do not stop the leader, and look for themselves later', async () => {
    const ground = flightGround();
    const { key, records } = ground.task();
    let finish: () => void = () => undefined;
    const open = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let begun = false;
    let healthy: FlightProcess;
    const lead = joinFlight(
      {
        key,
        records,
        async work({ emit }) {
          begun = true;
          await open;
          // More than the socket and the leader hold for one who does not read.
          for (let i = 0; i < 300; i++) {
            emit({ type: 'note', label: `${i} ${'x'.repeat(50_000)}` });
            while (i % 20 === 0 && healthy.lines.length < i) await sleep(1);
          }
          return 'large';
        },
      },
      { emit: () => undefined },
    );
    await until('the leader', () => begun || undefined);
    const stuck = ground.start({ answer: 'own' });
    healthy = ground.start({ answer: 'own' });
    await Promise.all([stuck.waiting(), healthy.waiting()]);
    stuck.child.kill('SIGSTOP');
    const sent: string[] = [];
    observeEffects({ before: ({ kind, target }) => void (kind === 'send' && sent.push(target)) });
    finish();
    expect(await lead).toBe('large');
    observeEffects(undefined);
    // Dropped long before, not only in the end.
    expect(sent).toEqual([expect.stringMatching(/ to 1$/)]);
    stuck.child.kill('SIGCONT');
    expect(await stuck.end).toEqual({ result: 'own' });
    expect(await healthy.end).toEqual({ result: 'large' });
  });

  test.each([
    ['garbage', 'GET / HTTP/1.1\r\n\r\n'],
    ['another version', '{"hello":{"version":"0.0.0-other","pid":1,"mark":"x"}}\n{"done":{"result":"not for us"}}\n'],
    ['a result without a hello', '{"done":{"result":"not for us"}}\n'],
    ['an error of an unknown kind', '{"error":{"code":"NOT_A_CODE","message":"x"}}\n'],
  ])('do not listen to %s, and take over when it goes', async (_, said) => {
    const ground = flightGround();
    const { key, records } = ground.task();
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.write(said);
    }).listen(lockAddress(`flight ${key}`));
    await once(server, 'listening');
    const events: unknown[] = [];
    const joined = joinFlight({ key, records, work: async () => 'own' }, { emit: (event) => events.push(event) });
    await until('a connection', () => (sockets.length > 0 ? true : undefined));
    await sleep(50);
    server.close();
    for (const socket of sockets) socket.destroy();
    expect(await joined).toBe('own');
    expect(sockets).toHaveLength(1);
    expect(events).toEqual([]);
  });

  test('come through a queue that is full', async () => {
    const ground = flightGround();
    const { key, records } = ground.task();
    // A leader with no room at all, who says nothing until he goes.
    const script = `require('net').createServer().listen({ path: ${JSON.stringify(lockAddress(`flight ${key}`))}, backlog: 1 }, () => {
      console.log('bound'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });`;
    const leader = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void leader.kill('SIGKILL'));
    await once(leader.stdout, 'data');
    const all = Array.from({ length: 20 }, (_, i) =>
      joinFlight({ key, records, work: async () => i }, { emit: () => undefined }),
    );
    await sleep(200);
    leader.kill('SIGKILL');
    const results = await Promise.all(all);
    expect(results).toHaveLength(20);
  });
});
