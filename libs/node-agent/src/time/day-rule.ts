/** A day of every year with a time of day (seconds, may be negative or beyond the day), in local time. */
export type DayRule =
  /** Counted from 0, with leap days. */
  | { kind: 'day'; day: number; seconds: number }
  /** Counted from 1, without leap days. */
  | { kind: 'julian'; day: number; seconds: number }
  /** A weekday (0 is Sunday) in a week of a month; week 5 is the last. */
  | { kind: 'month'; month: number; week: number; day: number; seconds: number };

/** What could be read of a rule, and what follows it; undefined when the reading has to stop there. */
export interface ParsedDayRule {
  rule: DayRule;
  rest: string | undefined;
}

/** Midnight of the first of January: what glibc has where it has read nothing. */
export const NEW_YEAR: DayRule = { kind: 'day', day: 0, seconds: 0 };

/** Reads `,M3.5.0/2`, `,J60`, `,59/-1:30` as glibc takes them; `absent` is the rule of an empty text. */
export function parseDayRule(text: string, absent: DayRule): ParsedDayRule {
  const body = text.startsWith(',') ? text.slice(1) : text;
  if (body === '') return { rule: absent, rest: '' };
  const month = /^M(\d+)\.(\d+)\.(\d+)/.exec(body);
  if (month) return withTime(monthRule(numbers(month)), body.slice(month[0].length));
  const count = /^(J?)(\d+)/.exec(body);
  if (count) return withTime(countRule(count[1] === 'J', Number(count[2])), body.slice(count[0].length));
  return { rule: body.startsWith('J') ? { ...NEW_YEAR, kind: 'julian' } : NEW_YEAR, rest: undefined };
}

/** When the rule's day and time come in a year, in seconds since 1970 as if local time were UTC. */
export function changeOfYear(rule: DayRule, year: number): number {
  return Date.UTC(year, 0, 1) / 1000 + dayOfYear(rule, year) * 86400 + rule.seconds;
}

/** Seconds of `hh[:mm[:ss]]` as scanf takes it: each number may have blanks and a sign before it, and is cut to 16 bits; undefined numbers are absent. */
export function takeTime(text: string): { hours?: number; minutes: number; seconds: number; rest: string } {
  const found = /^\s*([+-]?\d+)(?::\s*([+-]?\d+)(?::\s*([+-]?\d+))?)?/.exec(text);
  if (!found) return { minutes: 0, seconds: 0, rest: text };
  const [hours = 0, minutes = 0, seconds = 0] = numbers(found).map((number) => number & 0xffff);
  return { hours, minutes, seconds, rest: text.slice(found[0].length) };
}

/** Two in the morning unless the text says otherwise; a slash with nothing behind it, or anything but a comma, ends the reading. */
function withTime({ rule, rest }: { rule: DayRule; rest: boolean }, text: string): ParsedDayRule {
  if (!rest || !/^(?:$|[,/])/.test(text) || text === '/') return { rule, rest: undefined };
  if (!text.startsWith('/')) return { rule: { ...rule, seconds: 2 * 3600 }, rest: text };
  const negative = text.startsWith('/-');
  const time = takeTime(text.slice(negative ? 2 : 1));
  const seconds = (time.hours ?? 2) * 3600 + time.minutes * 60 + time.seconds;
  return { rule: { ...rule, seconds: negative ? -seconds : seconds }, rest: time.rest };
}

function monthRule([month = 0, week = 0, day = 0]: readonly number[]): { rule: DayRule; rest: boolean } {
  const possible = month >= 1 && month <= 12 && week >= 1 && week <= 5 && day <= 6;
  return possible
    ? { rule: { kind: 'month', month, week, day, seconds: 0 }, rest: true }
    : { rule: NEW_YEAR, rest: false };
}

function countRule(julian: boolean, day: number): { rule: DayRule; rest: boolean } {
  const possible = day <= 365 && !(julian && day === 0);
  return { rule: { kind: julian ? 'julian' : 'day', day: possible ? day : 0, seconds: 0 }, rest: possible };
}

function dayOfYear(rule: DayRule, year: number): number {
  if (rule.kind === 'day') return rule.day;
  const firstOfMarch = daysBefore(year, 3);
  if (rule.kind === 'julian') return rule.day - 1 + (rule.day >= 60 && firstOfMarch === 60 ? 1 : 0);
  const start = daysBefore(year, rule.month);
  const length = daysBefore(year, rule.month + 1) - start;
  const weekday = new Date(Date.UTC(year, rule.month - 1, 1)).getUTCDay();
  const first = (rule.day - weekday + 7) % 7;
  const wanted = first + (rule.week - 1) * 7;
  return start + (wanted < length ? wanted : wanted - 7);
}

function daysBefore(year: number, month: number): number {
  return (Date.UTC(year, month - 1, 1) - Date.UTC(year, 0, 1)) / 86_400_000;
}

function numbers(match: readonly (string | undefined)[]): number[] {
  return match.slice(1).flatMap((text) => (text === undefined ? [] : [Number(text)]));
}
