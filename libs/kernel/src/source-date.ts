import { BatonError } from './errors.ts';

/**
 * Seconds since 1970 from `SOURCE_DATE_EPOCH`, or undefined where it is not set.
 *
 * @throws BatonError `USAGE` for anything but a whole number of seconds
 */
export function sourceDateEpoch(env: NodeJS.ProcessEnv): number | undefined {
  const text = env.SOURCE_DATE_EPOCH;
  if (text === undefined || text === '') return undefined;
  // The last second whose year has four digits: RFC 3339 has no more.
  if (/^\d{1,12}$/.test(text) && Number(text) <= 253_402_300_799) return Number(text);
  throw new BatonError('USAGE', `SOURCE_DATE_EPOCH is ${JSON.stringify(text)}, not a number of seconds since 1970`, {
    hint: 'Set it to whole seconds, or unset it.',
  });
}
