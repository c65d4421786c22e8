import { expect, test } from 'vitest';
import { createClock, systemClock } from './clock.ts';

/** Clocks that the test sets, in milliseconds. */
function fake(origin: number) {
  const state = { wall: Math.floor(origin), steady: 0, origin };
  const clock = systemClock({ wall: () => state.wall, steady: () => state.steady, origin });
  const pass = (milliseconds: number): void => {
    state.steady += milliseconds;
    state.wall = Math.floor(state.origin + state.steady);
  };
  return { state, clock, pass };
}

test('microseconds are real ones, and never run back', () => {
  const clock = createClock(undefined);
  const before = Date.now() * 1000;
  const times = Array.from({ length: 20_000 }, () => clock.now());
  expect(times.every((time, i) => Number.isInteger(time) && time >= (times[i - 1] ?? before))).toBe(true);
  expect((times.at(-1) ?? 0) - (Date.now() + 1) * 1000).toBeLessThanOrEqual(0);
  expect(new Set(times.map((time) => time % 1000)).size).toBeGreaterThan(50);
});

test('follows a fine clock that agrees with the wall', () => {
  const { clock, pass } = fake(1_700_000_000_000.25);
  expect(clock.now()).toBe(1_700_000_000_000_250);
  pass(0.5);
  expect(clock.now()).toBe(1_700_000_000_000_750);
  pass(0.5);
  expect(clock.now()).toBe(1_700_000_000_001_250);
});

test('a wall clock that was set forward, or back by a second or more, is followed to the millisecond', () => {
  const { clock, state, pass } = fake(1_700_000_000_000.25);
  clock.now();
  for (const step of [86_400_000, 7, -86_400_000, -1_001]) {
    state.origin += step;
    pass(0.001);
    expect(Math.floor(clock.now() / 1000)).toBe(state.wall);
    pass(12.345);
    expect(Math.abs(clock.now() - state.wall * 1000)).toBeLessThanOrEqual(1_000);
  }
});

test.each([-7.3, -0.4, 0.9, 4.2])('an origin that is off by %d ms is put right at the next tick', (error) => {
  const start = 1_700_000_000_000.25;
  let time = start;
  const look = (): number => {
    time += 0.01;
    return time;
  };
  const clock = systemClock({ wall: () => Math.floor(look()), steady: () => look() - start, origin: start + error });
  for (let i = 0; i < 20; i += 1) {
    const before = time;
    expect(Math.abs(clock.now() / 1000 - before)).toBeLessThan(0.06);
    time += 37.31;
  }
});

test('a small step back is waited out', () => {
  const { clock, state, pass } = fake(1_700_000_000_000.25);
  pass(500);
  const before = clock.now();
  state.origin -= 100;
  pass(50);
  expect(clock.now()).toBe(before);
  pass(60);
  expect(clock.now()).toBeGreaterThan(before);
});

test.each([
  ['2026-01-02 03:04:05', 1_767_323_045_000_000],
  ['2026-01-02 03:04:05.678901', 1_767_323_045_678_901],
  ['2026-01-02 03:04:05.5', 1_767_323_045_500_000],
  ['1970-01-01 00:00:00.000001', 1],
  ['2024-02-29 23:59:59', 1_709_251_199_000_000],
])('frozen at %j', (text, micros) => {
  const clock = createClock(text);
  expect([clock.now(), clock.now()]).toEqual([micros, micros]);
});

test.each([
  '',
  'now',
  '2026-01-02',
  '2026-01-02T03:04:05',
  '2026-01-02 03:04:05.',
  '2026-01-02 03:04:05.1234567',
  '2026-02-30 00:00:00',
  '2026-01-02 24:00:00',
  ' 2026-01-02 03:04:05',
  '2026-01-02 03:04:05\n',
])('%j is refused', (text) => {
  expect(() => createClock(text)).toThrow(
    expect.objectContaining({ type: 'ValueError', message: expect.stringContaining('BATON_AGENT_CLOCK') }),
  );
});
