import { constants } from 'node:os';
import { nearest } from '@baton/kernel';
import * as z from 'zod';

const SIGNALS = Object.keys(constants.signals).map((name) => name.slice('SIG'.length));

/** A zod field for text that is characters and nothing else: no NUL, no half characters. */
export function textField(expected: string, description: string): z.ZodString {
  return z
    .string({ error: expected })
    .superRefine((text, context) => {
      if (text.isWellFormed() && !text.includes('\0')) return;
      context.addIssue({ code: 'custom', message: 'text without NUL and half characters' });
    })
    .meta({ description });
}

/** The same for text that obeys a pattern. */
export function patternField(pattern: RegExp, expected: string, description: string): z.ZodString {
  return textField(expected, description)
    .superRefine((text, context) => {
      if (!pattern.test(text)) context.addIssue({ code: 'custom', message: expected });
    })
    .meta({ description, pattern: pattern.source });
}

/** An absolute path that does not go up. */
export function pathField(description: string): z.ZodString {
  return textField('an absolute path, like /etc/x', description)
    .superRefine((text, context) => {
      if (text.startsWith('/') && !text.split('/').includes('..')) return;
      context.addIssue({ code: 'custom', message: 'an absolute path without ".."' });
    })
    .meta({ description, pattern: '^/' });
}

/** A path below the scenarios' folder. */
export function fixtureField(description: string): z.ZodString {
  return textField('a path like fixtures/payload.bin', description)
    .superRefine((text, context) => {
      if (/^fixtures\/./.test(text) && !text.split('/').includes('..')) return;
      context.addIssue({ code: 'custom', message: 'a path below fixtures/, where scenarios keep their files' });
    })
    .meta({ description, pattern: '^fixtures/.' });
}

/** Permission bits. */
export function modeField(description: string): z.ZodString {
  return patternField(/^[0-7]{3,4}$/, 'permission bits in octal, quoted, like "0644"', description);
}

/** The name of a signal without SIG. */
export function signalField(): z.ZodString {
  const description = 'The name of a signal without SIG, such as `TERM`.';
  return textField('the name of a signal, like TERM', description)
    .superRefine((name, context) => {
      if (SIGNALS.includes(name)) return;
      const plain = name.toUpperCase().replace(/^SIG/, '');
      const meant = SIGNALS.includes(plain) ? plain : nearest(plain, SIGNALS);
      const params = meant === undefined ? {} : { hint: `Write ${meant}.` };
      context.addIssue({ code: 'custom', message: 'the name of a signal without SIG, like TERM', params });
    })
    .meta({ description });
}

/** Adds an issue unless exactly one of the keys is there; tells which there are. */
export function exactlyOne(value: object, keys: readonly string[], context: z.RefinementCtx): void {
  const found = keys.filter((key) => Object.hasOwn(value, key));
  if (found.length === 1) return;
  const list = found.length === 0 ? 'there is none' : `found ${found.join(' and ')}`;
  context.addIssue({
    code: 'custom',
    message: `exactly one of ${keys.join(', ')}`,
    params: { hint: `Of these keys, ${list}.` },
  });
}
