import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createScriptKernel, type KernelSide } from '../compare/line-kernel.ts';
import { GroupTable } from './group-table.ts';
import { stampMicros } from './line-tokens.ts';
import { minutesAhead } from './zone.ts';

const moments = fc.integer({ min: 0, max: 3_999_999_999_999_999 });

function isoformat(micros: number): string {
  const text = new Date(Math.floor(micros / 1_000_000) * 1000).toISOString().slice(0, 19);
  return micros % 1_000_000 === 0 ? text : `${text}.${String(micros % 1_000_000).padStart(6, '0')}`;
}

test('a stamp gives its moment back', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        moments,
        moments.map((micros) => micros - (micros % 1_000_000)),
      ),
      (micros) => {
        expect(stampMicros(isoformat(micros))).toBe(micros);
      },
    ),
    { numRuns: 2000 },
  );
});

test.each([
  '2026-11-20T18:37:44.000000',
  '2026-11-20T18:37:44.12345',
  '2026-11-20T18:37:44.1234567',
  '2026-11-20T24:00:00',
  '2026-11-20T18:60:00',
  '2026-11-20T18:37:60',
  '2026-02-29T00:00:00',
  '2026-00-10T00:00:00',
  '2026-13-10T00:00:00',
  '2026-11-31T00:00:00',
  '0000-11-20T00:00:00',
  '2026-11-20 18:37:44',
  '2026-11-20T18.37.44',
  '2026-1x-20T18:37:44',
])('%s is no stamp', (text) => {
  expect(stampMicros(text)).toBeUndefined();
});

test('29 February is a day in leap years', () => {
  expect(stampMicros('2028-02-29T00:00:00')).toBe(Date.parse('2028-02-29T00:00:00Z') * 1000);
  expect(stampMicros('2000-02-29T00:00:00')).toBeDefined();
  expect(stampMicros('2100-02-29T00:00:00')).toBeUndefined();
});

test('the kernel finds each stamp, whatever the alignment and wherever a window ends', () => {
  const piece = fc.oneof(fc.constantFrom('x', '-', '--', '2026', '-11-', '\n', 'abcd'), moments);
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      moments,
      fc.nat({ max: 3 }),
      fc.nat({ max: 3 }),
      (pieces, shift, a, b) => {
        const text = (by: number): string =>
          pieces
            .map((one) => (typeof one === 'string' ? one : `[${isoformat((one + by) % 4_000_000_000_000_000)}]`))
            .join('');
        const wanted = pieces
          .filter((one) => typeof one === 'number')
          .map((one) => [one, (one + shift) % 4_000_000_000_000_000]);
        const [old, now] = [side(text(0), a), side(text(shift), b)];
        const found: number[][] = [];
        const sink = { local: true, utc: true, stamp: (_: boolean, pair: Float64Array) => void found.push([...pair]) };
        const kernel = createScriptKernel();
        for (let stop = kernel.scan(old, now, sink); stop !== 'end'; stop = kernel.scan(old, now, sink)) {
          expect(stop).toBe('more');
          old.grow();
          now.grow();
        }
        expect(found).toEqual(wanted);
      },
    ),
    { numRuns: 1500 },
  );
});

// A side whose bytes become visible bit by bit.
function side(text: string, gap: number): KernelSide & { grow(): void } {
  const words = new Int32Array(Math.ceil((text.length + gap) / 4) + 1);
  const bytes = new Uint8Array(words.buffer);
  bytes.set(Buffer.from(text, 'latin1'), gap);
  const all = gap + text.length;
  return {
    bytes,
    words,
    at: gap,
    floor: gap,
    end: Math.min(all, gap + 7),
    last: all <= gap + 7,
    grow() {
      this.end = Math.min(all, this.end + 41);
      this.last = this.end === all;
    },
  };
}

test('the table of groups stays bounded, and keeps the same stamps for every channel', () => {
  const table = new GroupTable();
  const pair = new Float64Array(2);
  const note = (old: number, now: number, channel: number): number => {
    pair.set([old, now]);
    return table.note(pair, channel);
  };
  for (let i = 0; i < 200_000; i++) expect(note(1e15 + i * 137, 2e15 + i * 137, 0)).toBe(-1);
  expect(table.pairs().length).toBeLessThan(16_384);
  expect(table.pairs().length).toBeGreaterThan(4_000);
  let contradictions = 0;
  for (let i = 0; i < 200_000; i++) if (note(1e15 + i * 137, 2e15 + i * 137 + 1, 1) !== -1) contradictions++;
  expect(contradictions).toBe(table.pairs().length);
});

test('a zone is so many minutes ahead', () => {
  const summer = Date.parse('2026-07-01T00:00:00Z');
  const winter = Date.parse('2026-01-01T00:00:00Z');
  expect(
    [undefined, '', 'UTC', 'UTC0', 'Asia/Kolkata', 'IST-5:30', 'EST5'].map((zone) => minutesAhead(zone, winter)),
  ).toEqual([0, 0, 0, 0, 330, 330, -300]);
  expect([summer, winter].map((moment) => minutesAhead('Europe/Berlin', moment))).toEqual([120, 60]);
  expect(minutesAhead('No/Such', winter)).toBeUndefined();
});
