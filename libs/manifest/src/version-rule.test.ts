import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textField } from './text-field.ts';
import { VERSION } from './version-rule.ts';

function refusal(text: string): { message: string; hint?: string; code?: string } | undefined {
  const issue = textField(VERSION).safeParse(text).error?.issues[0];
  if (issue === undefined) return undefined;
  return { message: issue.message, ...(issue as { params?: object }).params };
}

describe('VERSION', () => {
  it.each(['0.0.0', '1.2.3', '1.2.3-rc.1', '1.2.3-0a', '1.2.3--', '10.20.30-a.b-c.0'])('takes %j', (text) => {
    expect(refusal(text)).toBeUndefined();
  });

  it.each([
    '',
    '1',
    '1.2',
    'v1.2.3',
    '01.2.3',
    '1.2.3-01',
    '1.2.3-',
    '1.2.3-a..b',
    '1.2.3.4',
    ' 1.2.3',
    'latest',
  ])('refuses %j with VERSION_INVALID', (text) =>
    expect(refusal(text)).toMatchObject({ message: VERSION.expected, code: 'VERSION_INVALID' }));

  it.each([
    ['1', 'Write 1.0.0.'],
    ['1.2', 'Write 1.2.0.'],
    ['v1.2.3', 'Write 1.2.3.'],
    ['1.2.3+build.5', 'Write 1.2.3-build.5.'],
    ['1.2.3-rc.1+5', 'Write 1.2.3-rc.1.5.'],
    // Digits that start with 0 are no pre-release part.
    ['1.2.3+007', 'Write 1.2.3.'],
  ])('gives the form to use for %j', (text, hint) => {
    expect(refusal(text)).toMatchObject({ code: 'VERSION_INVALID', hint });
  });

  it('says why build metadata cannot be', () => {
    expect(refusal('1.2.3+5')?.message).toBe('a version without build metadata, because "+" cannot be in a tag');
  });

  it('refuses what is too long for a tag', () => {
    expect(refusal(`1.2.3-${'a'.repeat(95)}`)).toMatchObject({ message: 'a version of at most 100 characters' });
  });

  it('hints only at forms that it takes', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[v]?[0-9]{1,2}(\.[0-9]{1,2}){0,2}(-[0-9a.]{1,4})?(\+[0-9a-z.]{1,6})?$/),
        (text) => {
          const written = /^Write (.+)\.$/.exec(refusal(text)?.hint ?? '')?.[1];
          if (written !== undefined) expect(refusal(written)).toBeUndefined();
        },
      ),
      { numRuns: 500 },
    );
  });
});
