import { needs } from '@baton/testkit';
import { expect, test } from 'vitest';
import { seededRandom } from '../python-text/test-random.ts';
import { askPython } from '../test-python.ts';
import { createStamper, epochText, localText, logStamp, utcText } from './time-text.ts';
import { zoneOf } from './zone.ts';

/** 2026-01-02 03:04:05.678901 UTC */
const MICROS = 1767323045678901;
const INDIA = zoneOf('IST-5:30');

test('local time has no zone, UTC has one', () => {
  expect(localText(MICROS, INDIA)).toBe('2026-01-02T08:34:05.678901');
  expect(utcText(MICROS)).toBe('2026-01-02T03:04:05.678901+00:00');
  expect(logStamp(MICROS)).toBe('2026-01-02-030405');
  expect(epochText(MICROS)).toBe('1767323045.678901');
});

test('at microsecond 0 there is no fraction, at microsecond 1 all of it', () => {
  const whole = MICROS - 678901;
  expect([whole, whole + 1].map((micros) => localText(micros, INDIA))).toEqual([
    '2026-01-02T08:34:05',
    '2026-01-02T08:34:05.000001',
  ]);
  expect(utcText(whole)).toBe('2026-01-02T03:04:05+00:00');
  expect(epochText(whole)).toBe('1767323045.0');
});

test('a stamper says what localText says, whatever the order', () => {
  const zone = zoneOf('CET-1CEST,M3.5.0,M10.5.0/3');
  const change = Date.UTC(2026, 2, 29, 1) * 1000;
  const moments = [change - 2, change - 1, change, change + 1, change + 999_999, change + 1_000_000, change - 1, 0];
  expect(moments.map(createStamper(zone))).toEqual(moments.map((micros) => localText(micros, zone)));
});

needs('python')('random moments are told as Python tells them', () => {
  const random = seededRandom(3);
  const moments = Array.from(
    { length: 12_000 },
    () => random.below(4_000_000_000) * 1_000_000 + (random.chance(0.2) ? 0 : random.below(1_000_000)),
  );
  const python = askPython(
    `import datetime, os, time
os.environ['TZ'] = 'IST-5:30'
time.tzset()
def tell(micros):
    utc = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(microseconds=micros)
    return [utc.astimezone().replace(tzinfo=None).isoformat(), utc.isoformat(), utc.strftime('%Y-%m-%d-%H%M%S'), str(micros / 1e6)]
answer([tell(micros) for micros in ask])`,
    moments,
  );
  expect(
    moments.map((micros) => [localText(micros, INDIA), utcText(micros), logStamp(micros), epochText(micros)]),
  ).toEqual(python);
});
