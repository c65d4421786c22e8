import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '@baton/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { observeEffects } from './effects.ts';
import { BatonError } from './errors.ts';
import type { ProgressEvent } from './events.ts';
import { type Flight, type FlightCaller, joinFlight } from './flight.ts';
import { lockAddress, withLock } from './locks.ts';

let counter = 0;
const freshKey = (): string => `flight test ${process.pid} ${counter++} ${Math.random()}`;
const records = temporaryDirectory('records');

afterEach(() => observeEffects(undefined));

/** A flight whose work ends when the test says so. */
function held<T>(key: string, more: Partial<Flight<T>> = {}) {
  const state = { begun: 0, ended: 0, signal: undefined as AbortSignal | undefined };
  let end: (result: T) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  let onBegin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    onBegin = resolve;
  });
  const result = new Promise<T>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  result.catch(() => undefined);
  const flight: Flight<T> = {
    key,
    records,
    async work({ signal }) {
      state.begun += 1;
      state.signal = signal;
      onBegin();
      try {
        return await result;
      } finally {
        state.ended += 1;
      }
    },
    ...more,
  };
  return { flight, state, begun, end: (value: T) => end(value), fail: (error: unknown) => fail(error) };
}

interface TestCaller extends FlightCaller {
  events: ProgressEvent[];
  /** Resolves when this one waits for another. */
  waiting: Promise<void>;
}

function caller(more: Partial<FlightCaller> = {}): TestCaller {
  const events: ProgressEvent[] = [];
  let onWait: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => {
    onWait = resolve;
  });
  const emit = (event: ProgressEvent): void => {
    events.push(event);
    if (event.type === 'note') onWait();
  };
  return { emit, events, waiting, ...more };
}

/** One leads, the others wait. */
async function crowd<T>(flight: Flight<T>, begun: Promise<void>, others: TestCaller[], first = caller()) {
  const lead = joinFlight(flight, first);
  lead.catch(() => undefined);
  await begun;
  const rest = others.map((other) => joinFlight(flight, other));
  for (const one of rest) one.catch(() => undefined);
  await Promise.all(others.map(({ waiting }) => waiting));
  return { lead, rest };
}

describe('many callers', () => {
  test('share one piece of work and its result', async () => {
    const { flight, state, begun, end } = held<{ size: number }>(freshKey());
    const { lead, rest } = await crowd(flight, begun, [caller(), caller(), caller()]);
    end({ size: 7 });
    expect(await Promise.all([lead, ...rest])).toEqual([{ size: 7 }, { size: 7 }, { size: 7 }, { size: 7 }]);
    expect(state.begun).toBe(1);
    // What has landed is nobody's memory.
    expect(await joinFlight({ ...flight, work: async () => ({ size: 8 }) }, caller())).toEqual({ size: 8 });
  });

  test('of different keys do not meet', async () => {
    const a = held<string>(freshKey());
    const b = held<string>(freshKey());
    const both = [joinFlight(a.flight, caller()), joinFlight(b.flight, caller())];
    await Promise.all([a.begun, b.begun]);
    a.end('a');
    b.end('b');
    expect(await Promise.all(both)).toEqual(['a', 'b']);
  });

  test('a result can be nothing, and can be larger than any pipe', async () => {
    const nothing = held<void>(freshKey());
    const silentCrowd = await crowd(nothing.flight, nothing.begun, [caller()]);
    nothing.end(undefined);
    expect(await silentCrowd.rest[0]).toBeUndefined();
    const large = held<string[]>(freshKey());
    const { rest } = await crowd(large.flight, large.begun, [caller(), caller()]);
    const value = Array.from({ length: 200_000 }, (_, i) => `line ${i} ünï\n`);
    large.end(value);
    expect(await Promise.all(rest)).toEqual([value, value]);
  });

  test('share an error with code, hint and details, and the next call starts afresh', async () => {
    const { flight, begun, fail, state } = held<string>(freshKey());
    const { lead, rest } = await crowd(flight, begun, [caller(), caller()]);
    const error = new BatonError('DISK_FULL', 'no room', { hint: 'Make some.', details: { free: 0 }, retryable: true });
    fail(error);
    await expect(lead).rejects.toBe(error);
    for (const one of rest) {
      await expect(one).rejects.toMatchObject({
        name: 'BatonError',
        code: 'DISK_FULL',
        message: 'no room',
        hint: 'Make some.',
        details: { free: 0 },
        exitCode: 3,
        retryable: true,
      });
    }
    expect(state.begun).toBe(1);
    expect(await joinFlight({ ...flight, work: async () => 'fresh' }, caller())).toBe('fresh');
  });

  test('share an error that is none of ours as one of ours, without its stack', async () => {
    const { flight, begun, fail } = held<string>(freshKey());
    const { lead, rest } = await crowd(flight, begun, [caller()]);
    fail(new TypeError('x is not a function'));
    await expect(lead).rejects.toBeInstanceOf(TypeError);
    await expect(rest[0]).rejects.toMatchObject({ code: 'INTERNAL', message: 'x is not a function' });
  });

  test('a result that JSON cannot hold is an error for those who wait, and they hear of it', async () => {
    const { flight, begun, end } = held<bigint>(freshKey());
    const { lead, rest } = await crowd(flight, begun, [caller()]);
    end(1n);
    expect(await lead).toBe(1n);
    await expect(rest[0]).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('BigInt') });
  });
});

describe('progress', () => {
  test('is told to those who are here, and again to those who come late: starts, ends, the last of each work', async () => {
    const { flight, begun, end } = held<string>(freshKey());
    let tell: (event: ProgressEvent) => void = () => undefined;
    const talking: Flight<string> = {
      ...flight,
      work(io) {
        tell = io.emit;
        return flight.work(io);
      },
    };
    const early = caller();
    const first = caller();
    const { lead, rest } = await crowd(talking, begun, [early], first);
    tell({ type: 'note', label: 'a remark' });
    for (const id of ['a', 'b']) {
      tell({ type: 'layer.start', id, label: `layer ${id}` });
      for (let done = 1; done <= 50; done++) tell({ type: 'layer.progress', id, done });
    }
    tell({ type: 'layer.end', id: 'a' });
    const late = caller();
    const third = joinFlight(talking, late);
    await late.waiting;
    tell({ type: 'layer.end', id: 'b' });
    end('done');
    expect(await Promise.all([lead, ...rest, third])).toEqual(['done', 'done', 'done']);
    expect(first.events).toHaveLength(105);
    expect(early.events.filter(({ data }) => data === undefined)).toEqual(first.events);
    expect(late.events.filter(({ data }) => data === undefined)).toEqual([
      { type: 'note', label: 'a remark' },
      { type: 'layer.start', id: 'a', label: 'layer a' },
      { type: 'layer.start', id: 'b', label: 'layer b' },
      { type: 'layer.progress', id: 'b', done: 50 },
      { type: 'layer.end', id: 'a' },
      { type: 'layer.end', id: 'b' },
    ]);
  });
});

describe('a caller who leaves', () => {
  test('leaves at once, and the work goes on for the others', async () => {
    const { flight, begun, end, state } = held<string>(freshKey());
    const leaving = new AbortController();
    const leader = new AbortController();
    const { lead, rest } = await crowd(
      flight,
      begun,
      [caller({ signal: leaving.signal }), caller()],
      caller({ signal: leader.signal }),
    );
    leaving.abort();
    await expect(rest[0]).rejects.toMatchObject({ code: 'INTERRUPTED' });
    leader.abort();
    await expect(lead).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(state.signal?.aborted).toBe(false);
    end('landed');
    expect(await rest[1]).toBe('landed');
  });

  test('leaves the work to its end also when nobody waits', async () => {
    const { flight, begun, end, state } = held<string>(freshKey());
    const leader = new AbortController();
    const { lead } = await crowd(flight, begun, [], caller({ signal: leader.signal }));
    leader.abort();
    await expect(lead).rejects.toMatchObject({ code: 'INTERRUPTED' });
    // Whoever asks now joins it.
    const late = caller();
    const joined = joinFlight(flight, late);
    await late.waiting;
    end('landed');
    expect(await joined).toBe('landed');
    expect(state.begun).toBe(1);
  });

  test('is sent no more events', async () => {
    const { flight, begun, end } = held<string>(freshKey());
    let tell: (event: ProgressEvent) => void = () => undefined;
    const work: Flight<string>['work'] = (io) => {
      tell = io.emit;
      return flight.work(io);
    };
    const leaving = new AbortController();
    const first = caller({ signal: leaving.signal });
    const { lead } = await crowd({ ...flight, work }, begun, [], first);
    leaving.abort();
    tell({ type: 'note', label: 'too late' });
    await expect(lead).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(first.events).toEqual([]);
    end('x');
  });

  test('who has left before he came changes nothing', async () => {
    let worked = false;
    const work = async (): Promise<void> => {
      worked = true;
    };
    const attempt = joinFlight({ key: freshKey(), records, work }, caller({ signal: AbortSignal.abort() }));
    await expect(attempt).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await sleep(20);
    expect(worked).toBe(false);
  });

  test('ends the work with `cancel`, once nobody waits', async () => {
    const key = freshKey();
    const { flight, begun, state } = held<string>(key, { onAbandon: 'cancel' });
    const leaderLeaves = new AbortController();
    const otherLeaves = new AbortController();
    const ended = new Promise<void>((resolve) => {
      const { work } = flight;
      flight.work = (io) => {
        io.signal.addEventListener('abort', () => resolve());
        return work(io);
      };
    });
    const { lead, rest } = await crowd(
      flight,
      begun,
      [caller({ signal: otherLeaves.signal })],
      caller({ signal: leaderLeaves.signal }),
    );
    leaderLeaves.abort();
    await expect(lead).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(state.signal?.aborted).toBe(false);
    otherLeaves.abort();
    await expect(rest[0]).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await ended;
    expect(state.signal?.aborted).toBe(true);
  });
});

describe('the end of the process that leads', () => {
  test('ends the work, and one who waits takes over', async () => {
    const key = freshKey();
    let tries = 0;
    const cleaned: string[] = [];
    const flight: Flight<string> = {
      key,
      records,
      async work({ signal }) {
        tries += 1;
        if (tries > 1) return `try ${tries}`;
        first();
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        await sleep(30);
        cleaned.push('first');
        throw new Error('the disk went away as well');
      },
    };
    let first: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      first = resolve;
    });
    const going = new AbortController();
    const { lead, rest } = await crowd(
      flight,
      begun,
      [caller()],
      caller({ signal: going.signal, shutdown: going.signal }),
    );
    going.abort();
    // Not before the work has cleaned up: after this the process would end.
    await expect(lead).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(cleaned).toEqual(['first']);
    expect(await rest[0]).toBe('try 2');
  });
});

describe('limits', () => {
  test('a deadline ends the work and says so, to everybody', async () => {
    const { flight, begun, state } = held<string>(freshKey(), { deadline: 300, title: 'the image of x' });
    const work: Flight<string>['work'] = async (io) => {
      await Promise.race([flight.work(io), new Promise((_, reject) => io.signal.addEventListener('abort', reject))]);
      return '';
    };
    const { lead, rest } = await crowd({ ...flight, work }, begun, [caller()]);
    const told = { code: 'TIMEOUT', message: 'the image of x was not done within 300 ms and was ended' };
    await expect(lead).rejects.toMatchObject(told);
    await expect(rest[0]).rejects.toMatchObject(told);
    expect(state.signal?.aborted).toBe(true);
  });

  test('a standstill ends the work; events and signs of life keep it going', async () => {
    const flight: Flight<number> = {
      key: freshKey(),
      records,
      idle: 400,
      async work({ signal, emit }) {
        for (let i = 0; i < 6; i++) {
          await sleep(100, undefined, { signal });
          emit({ type: i % 2 === 0 ? 'alive' : 'note', label: `${i}` });
        }
        await sleep(60_000, undefined, { signal });
        return 1;
      },
    };
    const one = caller();
    await expect(joinFlight(flight, one)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/made no progress for 400 ms and was ended$/),
    });
    expect(one.events.map(({ label }) => label)).toEqual(['1', '3', '5']);
  });
});

describe('what is there already', () => {
  test('is found, and nothing is begun', async () => {
    const { flight, state } = held<string>(freshKey(), { find: async () => 'there' });
    expect(await joinFlight(flight, caller())).toBe('there');
    expect(state.begun).toBe(0);
  });

  test('is looked for again by whoever takes over', async () => {
    const key = freshKey();
    let there: string | undefined;
    const going = new AbortController();
    const { flight, begun, state } = held<string>(key, { find: async () => there });
    const work: Flight<string>['work'] = async (io) => {
      io.signal.addEventListener('abort', () => {
        there = 'left by the first';
      });
      await Promise.race([flight.work(io), new Promise((_, reject) => io.signal.addEventListener('abort', reject))]);
      return '';
    };
    const { lead, rest } = await crowd({ ...flight, work }, begun, [caller()], caller({ shutdown: going.signal }));
    going.abort();
    await expect(lead).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(await rest[0]).toBe('left by the first');
    expect(state.begun).toBe(1);
  });
});

test('a result that does not hold for one who waited makes him start again', async () => {
  const { flight, begun, end } = held<number>(freshKey());
  let own = 0;
  const wary: Flight<number> = {
    ...flight,
    accept: async (result) => result !== 1,
    async work() {
      own += 1;
      return 2;
    },
  };
  const lead = joinFlight(flight, caller());
  await begun;
  const waiting = caller();
  const rest = joinFlight(wary, waiting);
  await waiting.waiting;
  end(1);
  expect(await Promise.all([lead, rest])).toEqual([1, 2]);
  expect(own).toBe(1);
});

describe('effects that fail', () => {
  test('after the place was taken: it is free again', async () => {
    const { flight } = held<string>(freshKey());
    observeEffects({
      after() {
        throw new Error('lost the answer');
      },
    });
    await expect(joinFlight(flight, caller())).rejects.toThrow('lost the answer');
    observeEffects(undefined);
    expect(await joinFlight({ ...flight, work: async () => 'free' }, caller())).toBe('free');
  });

  test('when the result is sent: the leader hears of it, the others look for themselves', async () => {
    const { flight, begun, end } = held<string>(freshKey());
    const { lead, rest } = await crowd(flight, begun, [caller()]);
    observeEffects({
      before({ kind }) {
        if (kind === 'send') throw new Error('no wire');
      },
    });
    end('first');
    await expect(lead).rejects.toThrow('no wire');
    observeEffects(undefined);
    // The work of the second is over as well: it led in its turn.
    expect(await rest[0]).toBe('first');
  });
});

describe('where places are socket files', () => {
  const { platform } = process;
  afterEach(() => void Object.defineProperty(process, 'platform', { value: platform }));

  test('many callers share one piece of work, and no file is left', async () => {
    Object.defineProperty(process, 'platform', { value: 'darwin' });
    const { flight, state, begun, end } = held<string>(freshKey());
    const { lead, rest } = await crowd(flight, begun, [caller(), caller()]);
    end('done');
    expect(await Promise.all([lead, ...rest])).toEqual(['done', 'done', 'done']);
    expect(state.begun).toBe(1);
    expect(existsSync(lockAddress(`flight ${flight.key}`))).toBe(false);
  });
});

test('the place of a flight is not a lock of the same name', async () => {
  const key = freshKey();
  expect(await withLock(key, () => joinFlight({ key, records, work: async () => 1 }, caller()))).toBe(1);
});
