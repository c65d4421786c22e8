/**
 * Minutes by which local time is ahead of UTC at a moment (milliseconds since 1970) for a value of `TZ`; undefined for one that is not
 * known, and then local stamps are held to no window. No value, an empty one and `UTC0` are UTC.
 */
export function minutesAhead(zone: string | undefined, moment: number): number | undefined {
  if (zone === undefined || zone === '') return 0;
  const name = zone.replace(/^:/, '');
  const posix = /^(?:[A-Za-z]{3,}|<[\w+-]+>)([+-]?)(\d{1,2})(?::(\d\d))?$/.exec(name);
  if (posix !== null) {
    const [, sign, hours, minutes = '0'] = posix;
    return (sign === '-' ? 1 : -1) * (Number(hours) * 60 + Number(minutes)) + 0;
  }
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    const text = format.formatToParts(moment).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign = '+', hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(text) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) + 0;
  } catch {
    return undefined;
  }
}
