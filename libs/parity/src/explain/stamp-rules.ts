import type { Suspect, SuspectRule } from './suspect.ts';

/** Stamps that are written in another way; OLD's and NEW's token are all the text there is. */
export const STAMP_RULES: readonly SuspectRule[] = [
  rule(/\.\d{6}$|T[\d:]{8}$/, /\.0{6}$/, 'NEW prints .000000 where isoformat() leaves a fraction of zero out.'),
  rule(/./, /\.0{6}(?:Z|[+-]\d\d:?\d\d)$/, 'NEW prints .000000 where isoformat() leaves a fraction of zero out.'),
  rule(
    /./,
    /[.,]\d{3}(?:Z|[+-]\d\d:?\d\d)?$/,
    'NEW has milliseconds only: isoformat() prints six digits of a fraction.',
  ),
  rule(/./, /[.,]\d{9}(?:Z|[+-]\d\d:?\d\d)?$/, 'NEW has nanoseconds: isoformat() prints six digits of a fraction.'),
  rule(/T/, /^.{10} /, 'NEW has a blank where isoformat() has a T.'),
  rule(/\./, /,\d+/, 'NEW has a comma in front of the fraction, as a logger writes it.'),
  rule(/\+00:00$/, /Z$/, 'NEW writes Z where OLD writes +00:00.'),
  rule(/\+00:00$/, /\d{2}(?:\.\d+)?$/, 'NEW leaves the zone out.'),
  rule(/^[^+Z]*$/, /(?:Z|[+-]\d\d:?\d\d)$/, 'NEW writes a zone where OLD has local time without one.'),
  rule(
    /./,
    /\.(?:\d{1,2}|\d{4,5}|\d{7,})$/,
    'NEW trims or extends the fraction: isoformat() prints six digits or none.',
  ),
  rule(/./, /./, 'NEW writes a moment that does not exist, or in another form.'),
];

function rule(old: RegExp, now: RegExp, sentence: string): SuspectRule {
  return ({ kind, ...suspect }: Suspect) => {
    if (kind !== 'token-format') return undefined;
    const [one, other] = [suspect.old?.[0]?.toString('latin1') ?? '', suspect.now?.[0]?.toString('latin1') ?? ''];
    return old.test(one) && now.test(other) ? sentence : undefined;
  };
}
