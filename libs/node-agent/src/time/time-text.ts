import { floatText } from '../python-text/index.ts';
import type { LocalZone } from './local-zone.ts';
import { localZone } from './zone.ts';

// Microseconds since 1970 (UTC) everywhere, as the clock has them.

/** Local time `YYYY-MM-DDTHH:MM:SS.ffffff` without a zone (contract, 18.3); at microsecond 0 the fraction is absent, with its dot (T5). */
export function localText(micros: number, zone: LocalZone = localZone()): string {
  const second = secondOf(micros);
  return dateText(second + zone.offsetAt(second)) + fraction(micros - second * MICROS);
}

/** UTC for the history: like local time, with `+00:00` at the end (contract, 18.3). */
export function utcText(micros: number): string {
  const second = secondOf(micros);
  return `${dateText(second)}${fraction(micros - second * MICROS)}+00:00`;
}

/** UTC `YYYY-mm-dd-HHMMSS` for log names (contract, section 10). */
export function logStamp(micros: number): string {
  return dateText(secondOf(micros)).replace('T', '-').replaceAll(':', '');
}

/** Seconds since 1970 as Python prints a float (contract, section 7): up to six decimals, `.0` without any. */
export function epochText(micros: number): string {
  return floatText(micros / MICROS);
}

/** `localText` for many stamps: what does not change within a second is made once for it. */
export function createStamper(zone: LocalZone = localZone()): (micros: number) => string {
  let current = Number.NaN;
  let text = '';
  return (micros) => {
    const second = secondOf(micros);
    if (second !== current) {
      text = dateText(second + zone.offsetAt(second));
      current = second;
    }
    return text + fraction(micros - second * MICROS);
  };
}

const MICROS = 1_000_000;

function secondOf(micros: number): number {
  return Math.floor(micros / MICROS);
}

function dateText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

function fraction(micros: number): string {
  return micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`;
}
