import { expect, test } from 'vitest';
import { ERROR_CODES } from './error-codes.ts';

test('every code is SCREAMING_SNAKE, has a documented exit code and one sentence of meaning', () => {
  for (const [code, { exit, meaning }] of Object.entries(ERROR_CODES)) {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    expect([1, 2, 3, 4, 5, 130]).toContain(exit);
    expect(meaning).toMatch(/^[A-Z`'].*\.$/);
    expect(meaning).not.toContain('\n');
  }
});
