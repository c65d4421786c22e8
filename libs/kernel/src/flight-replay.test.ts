import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ProgressEvent } from './events.ts';
import { replayBuffer } from './flight-replay.ts';

function replayed(events: readonly ProgressEvent[], most?: number): ProgressEvent[] {
  const buffer = replayBuffer(most);
  for (const event of events) buffer.add(event);
  return [...buffer.events()];
}

const start = (id: string): ProgressEvent => ({ type: 'layer.start', id });
const progress = (id: string, done: number): ProgressEvent => ({ type: 'layer.progress', id, done });
const end = (id: string): ProgressEvent => ({ type: 'layer.end', id });
const note = (label: string): ProgressEvent => ({ type: 'note', label });

test('of progress only the last of what runs is kept', () => {
  const events = [start('a'), progress('a', 1), start('b'), progress('a', 2), progress('b', 1), note('x'), end('a')];
  expect(replayed(events)).toEqual([start('a'), start('b'), progress('b', 1), note('x'), end('a')]);
});

test('works of different nouns do not displace each other', () => {
  const other: ProgressEvent = { type: 'upload.progress', id: 'a', done: 5 };
  expect(replayed([progress('a', 1), other])).toEqual([progress('a', 1), other]);
});

test('what was sent can be changed or sent again', () => {
  const event = note('x');
  const buffer = replayBuffer();
  buffer.add(event);
  event.label = 'y';
  buffer.add(event);
  expect([...buffer.events()]).toEqual([note('x'), note('y')]);
});

test('it never holds more than it may, and what it holds came in this order', () => {
  const event = fc.oneof(
    fc.constantFrom('a', 'b').map(start),
    fc.tuple(fc.constantFrom('a', 'b'), fc.nat()).map(([id, done]) => progress(id, done)),
    fc.constantFrom('a', 'b').map(end),
    fc.string().map(note),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const numbered = events.map((one, n): ProgressEvent => ({ ...one, data: { n } }));
      const kept = replayed(numbered, 10);
      expect(kept.length).toBeLessThanOrEqual(10);
      const order = kept.map(({ data }) => Number(data?.n));
      expect(order).toEqual([...order].sort((a, b) => a - b));
      const last = numbered.at(-1);
      if (last !== undefined) expect(kept).toContainEqual(last);
    }),
  );
});
