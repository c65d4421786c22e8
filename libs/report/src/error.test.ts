import { BatonError, registerSecret } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import { errorDocument, renderError, resultDocument } from './error.ts';

const conflict = new BatonError('TAG_CONFLICT', 'tag 1.2.0 exists with another digest', {
  hint: 'Raise the version.\nOr build the image it stands for.',
  details: { tag: '1.2.0' },
});

describe('renderError', () => {
  test('is one line that stands alone, then the hint', () => {
    expect(renderError(conflict)).toBe(
      'error TAG_CONFLICT: tag 1.2.0 exists with another digest\n' +
        '  hint: Raise the version.\n' +
        '        Or build the image it stands for.',
    );
  });

  test('is one line when there is no hint, whatever the message holds', () => {
    const error = new BatonError('USAGE', 'unknown option "--a\nb\u202e"');
    expect(renderError(error)).toBe('error USAGE: unknown option "--a b\\u202e"');
  });

  test('colours only the words that lead', () => {
    expect(renderError(new BatonError('USAGE', 'no', { hint: 'yes' }), { color: true })).toBe(
      '\x1b[31merror USAGE:\x1b[39m no\n  \x1b[36mhint:\x1b[39m yes',
    );
  });

  test('verbose adds the causes and where they were thrown, without secrets', () => {
    registerSecret('hunter22');
    const cause = new Error('login with hunter22 failed', { cause: 'socket closed' });
    const text = renderError(new BatonError('AUTH_DENIED', 'refused', { cause }), { verbose: true });
    expect(text.split('\n')[0]).toBe('error AUTH_DENIED: refused');
    expect(text).toContain('\n  caused by Error: login with *** failed\n  at ');
    expect(text).toMatch(/\n {2}caused by socket closed$/);
    expect(text).not.toContain('hunter22');
  });

  test('verbose ends where causes go round in a circle', () => {
    const a = new Error('a');
    a.cause = a;
    const text = renderError(new BatonError('INTERNAL', 'round', { cause: a }), { verbose: true });
    expect(text.match(/caused by/g)).toHaveLength(1);
  });
});

describe('documents', () => {
  test('an error carries its code, exit code, hint and details', () => {
    expect(errorDocument(conflict)).toEqual({
      ok: false,
      error: {
        code: 'TAG_CONFLICT',
        message: 'tag 1.2.0 exists with another digest',
        exitCode: 1,
        hint: 'Raise the version.\nOr build the image it stands for.',
        details: { tag: '1.2.0' },
      },
    });
  });

  test('a result is never left out', () => {
    expect(JSON.stringify(resultDocument(undefined))).toBe('{"ok":true,"result":null}');
    expect(resultDocument({ a: 1 })).toEqual({ ok: true, result: { a: 1 } });
  });
});
