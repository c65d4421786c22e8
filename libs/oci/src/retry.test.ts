import { BatonError, type ProgressEvent } from '@baton/kernel';
import { instantWaits } from '@baton/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Again, backoff, isRetryableStatus, parseRetryAfter, sleep, withRetry } from './retry.ts';

const failure = new BatonError('REGISTRY_REJECTED', 'the server is busy', { retryable: true });

function policy(retries = 3) {
  const waits = instantWaits();
  const events: ProgressEvent[] = [];
  return {
    retries,
    sleep: waits.sleep,
    random: waits.random,
    emit: (e: ProgressEvent) => void events.push(e),
    waits,
    events,
  };
}

test('repeats until it works, with growing waits and an event before each', async () => {
  const p = policy();
  let tries = 0;
  const result = await withRetry(p, 'reading x', async () => {
    tries += 1;
    if (tries < 4) throw new Again(failure, 'status 503');
    return 'done';
  });
  expect(result).toBe('done');
  expect(p.waits.asked).toEqual([375, 750, 1500]);
  expect(p.events.map(({ type, label, detail }) => `${type} ${label}: ${detail}`)).toEqual([
    'retry reading x: status 503; try 2 of 4 in 0.4 s',
    'retry reading x: status 503; try 3 of 4 in 0.8 s',
    'retry reading x: status 503; try 4 of 4 in 1.5 s',
  ]);
});

test('gives up with the error inside after the last repetition', async () => {
  const p = policy(2);
  let tries = 0;
  const work = withRetry(p, 'x', async () => {
    tries += 1;
    throw new Again(failure, 'status 503');
  });
  await expect(work).rejects.toBe(failure);
  expect(tries).toBe(3);
});

test('other errors are not repeated', async () => {
  const p = policy();
  const other = new Error('no');
  await expect(withRetry(p, 'x', () => Promise.reject(other))).rejects.toBe(other);
  expect(p.waits.asked).toEqual([]);
});

test('Retry-After sets the wait; one that is too long ends it at once', async () => {
  const p = policy();
  let tries = 0;
  await withRetry(p, 'x', async () => {
    tries += 1;
    if (tries === 1) throw new Again(failure, 'status 429', { after: 7000 });
  });
  expect(p.waits.asked).toEqual([7000]);
  const long = policy();
  const work = withRetry(long, 'x', () => Promise.reject(new Again(failure, 'status 429', { after: 30_001 })));
  await expect(work).rejects.toBe(failure);
  expect(long.waits.asked).toEqual([]);
});

test('a stale connection is repeated at once, but only once', async () => {
  const p = policy();
  let tries = 0;
  await withRetry(p, 'x', async () => {
    tries += 1;
    if (tries < 3) throw new Again(failure, 'connection reset', { stale: true });
  });
  expect(p.waits.asked).toEqual([750]);
});

test('an abort ends the wait and keeps it from beginning', async () => {
  const abort = new AbortController();
  const waiting = sleep(60_000, abort.signal);
  abort.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' });
  await expect(sleep(60_000, abort.signal)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  const work = withRetry({ ...policy(), signal: abort.signal }, 'x', async () => 'never');
  await expect(work).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

test('waits grow, stay below the longest, and keep at least half', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (n, random) => {
      const full = Math.min(500 * 2 ** (n - 1), 10_000);
      expect(backoff(n, random)).toBeGreaterThanOrEqual(full / 2);
      expect(backoff(n, random)).toBeLessThanOrEqual(full);
    }),
  );
});

test('Retry-After is seconds or a date', () => {
  const now = Date.parse('2026-11-20T10:00:00Z');
  expect(parseRetryAfter('120', now)).toBe(120_000);
  expect(parseRetryAfter(' 0 ', now)).toBe(0);
  expect(parseRetryAfter('Fri, 20 Nov 2026 10:00:30 GMT', now)).toBe(30_000);
  expect(parseRetryAfter('Fri, 20 Nov 2026 09:00:00 GMT', now)).toBe(0);
  for (const bad of [undefined, '', '-1', '1.5', 'soon', '99999999999'])
    expect(parseRetryAfter(bad, now)).toBe(undefined);
});

test('statuses that are worth repeating', () => {
  const statuses = Array.from({ length: 500 }, (_, i) => 100 + i).filter(isRetryableStatus);
  expect(statuses).toEqual([408, 429, 499, 500, 502, 503, 504, 522]);
});
