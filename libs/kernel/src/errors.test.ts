import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import { BatonError, errnoOf, toBatonError } from './errors.ts';
import { registerSecret } from './redact.ts';

const failure = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
};

test('the exit code comes from the table', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    expect(new BatonError(code, 'x').exitCode).toBe(ERROR_CODES[code].exit);
  }
});

test('secrets reach neither message nor hint nor the JSON of the details', () => {
  registerSecret('s3cr"et\\value');
  const error = new BatonError('AUTH_DENIED', 'refused s3cr"et\\value', {
    hint: 'not s3cr"et\\value',
    details: { sent: ['s3cr"et\\value'], url: 'https://ada:pw@registry.example/v2/', status: 401, ok: false },
  });
  expect(error.message).toBe('refused ***');
  expect(error.stack).not.toContain('s3cr');
  expect(error.hint).toBe('not ***');
  expect(error.toJSON()).toEqual({
    code: 'AUTH_DENIED',
    message: 'refused ***',
    hint: 'not ***',
    details: { sent: ['***'], url: 'https://***@registry.example/v2/', status: 401, ok: false },
  });
});

test('the message stays one line without control characters, whatever a stranger put into it', () => {
  const error = new BatonError('REGISTRY_REJECTED', 'the registry says "no\r\n\u001b[31mway\u2028out"\n');
  expect(error.message).toBe('the registry says "no [31mway out"');
});

test('JSON leaves out what was not given', () => {
  expect(JSON.stringify(new BatonError('USAGE', 'no such option'))).toBe('{"code":"USAGE","message":"no such option"}');
});

test('the cause is kept', () => {
  const cause = new Error('deep');
  expect(new BatonError('GIT_FAILED', 'x', { cause }).cause).toBe(cause);
});

test('errnoOf reads system errors and nothing else', async () => {
  expect(errnoOf(await failure(readFile('/nowhere/at/all')))).toBe('ENOENT');
  expect(errnoOf(new BatonError('USAGE', 'x'))).toBeUndefined();
  expect(errnoOf(new Error('x'))).toBeUndefined();
  expect(errnoOf({ code: 'ENOENT' })).toBeUndefined();
});

test.each([
  ['ENOSPC', 'DISK_FULL'],
  ['EDQUOT', 'DISK_FULL'],
  ['EACCES', 'FILE_UNREADABLE'],
  ['EPERM', 'FILE_UNREADABLE'],
  ['EMFILE', 'FILE_FAILED'],
])('a system error %s becomes %s and keeps its text', (errno, code) => {
  const system = Object.assign(new Error(`${errno}: something, open '/x'`), { code: errno, syscall: 'open' });
  const error = toBatonError(system);
  expect(error.code).toBe(code);
  expect(error.message).toBe(`${errno}: something, open '/x'`);
  expect(error.cause).toBe(system);
});

test('an abort becomes INTERRUPTED, a time-out TIMEOUT', async () => {
  const aborted = AbortSignal.abort();
  expect(toBatonError(await failure(readFile('/dev/null', { signal: aborted }))).code).toBe('INTERRUPTED');
  const signal = AbortSignal.timeout(0);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  expect(toBatonError(signal.reason).code).toBe('TIMEOUT');
});

test('a BatonError stays itself, anything else is INTERNAL with a hint', () => {
  const own = new BatonError('USAGE', 'x');
  expect(toBatonError(own)).toBe(own);
  for (const thrown of [new TypeError('x is not a function'), new Error(''), 'text', undefined]) {
    const error = toBatonError(thrown);
    expect(error.code).toBe('INTERNAL');
    expect(error.message).not.toBe('');
    expect(error.hint).toContain('--verbose');
  }
});
