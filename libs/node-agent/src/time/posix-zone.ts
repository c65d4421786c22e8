import { changeOfYear, type DayRule, NEW_YEAR, parseDayRule, takeTime } from './day-rule.ts';
import type { LocalZone } from './local-zone.ts';

/**
 * The zone of a POSIX rule as glibc reads it: `IST-5:30`, `<+03>-3`, `CET-1CEST,M3.5.0,M10.5.0/3`.
 *
 * Nothing is an error: what cannot be read ends the reading there, and a text that does not begin like a rule is UTC. Summer time
 * without dates has those of the United States.
 */
export function parsePosixZone(text: string): LocalZone {
  const afterName = skipName(text);
  const standard = /^[+\-\d]/.test(afterName ?? '') ? takeOffset(afterName ?? '') : undefined;
  if (standard?.offset === undefined) return fixed(0);
  if (standard.rest === '') return fixed(standard.offset);

  const afterSummerName = skipName(standard.rest);
  const summer = afterSummerName === undefined ? { offset: 0, rest: standard.rest } : takeOffset(afterSummerName);
  const start = parseDayRule(summer.rest, SUMMER_BEGINS);
  const end = start.rest === undefined ? NEW_YEAR : parseDayRule(start.rest, SUMMER_ENDS).rule;
  return changing(standard.offset, summer.offset ?? standard.offset + 3600, start.rule, end);
}

const SUMMER_BEGINS: DayRule = { kind: 'month', month: 3, week: 2, day: 0, seconds: 7200 };
const SUMMER_ENDS: DayRule = { kind: 'month', month: 11, week: 1, day: 0, seconds: 7200 };

function fixed(offset: number): LocalZone {
  return { offsetAt: () => offset };
}

/** South of the equator summer ends before it begins. */
function changing(standard: number, summer: number, start: DayRule, end: DayRule): LocalZone {
  return {
    offsetAt(seconds) {
      const year = new Date(seconds * 1000).getUTCFullYear();
      const begins = changeOfYear(start, year) - standard;
      const ends = changeOfYear(end, year) - summer;
      const isSummer = begins > ends ? seconds < ends || seconds >= begins : seconds >= begins && seconds < ends;
      return isSummer ? summer : standard;
    },
  };
}

/** What follows a name of at least three letters, or of letters, digits and signs in angle brackets; undefined where there is none. */
function skipName(text: string): string | undefined {
  const name = /^(?:[a-zA-Z]{3,}|<[a-zA-Z0-9+-]{3,}>)/.exec(text);
  return name ? text.slice(name[0].length) : undefined;
}

/** Seconds *ahead* of UTC, though the text counts those behind, and what follows; hours end at 24, minutes and seconds at 59. */
function takeOffset(text: string): { offset: number | undefined; rest: string } {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const { hours, minutes, seconds, rest } = takeTime(text.slice(sign.length));
  if (hours === undefined) return { offset: undefined, rest };
  const behind = Math.min(hours, 24) * 3600 + Math.min(minutes, 59) * 60 + Math.min(seconds, 59);
  return { offset: sign === '-' ? behind : 0 - behind, rest };
}
