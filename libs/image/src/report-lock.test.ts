import { expect, test } from 'vitest';
import type { LockResult } from './lock-image.ts';
import { reportLock } from './report-lock.ts';

const result = (more: Partial<LockResult>): LockResult => ({
  path: 'a/image.lock.json',
  changes: [],
  unchanged: true,
  entries: 1,
  ...more,
});

test('says what became of the lock', () => {
  expect(reportLock(result({ entries: 0 }), false)).toBe('Nothing to lock: the image takes nothing from outside.');
  expect(reportLock(result({}), true)).toBe('a/image.lock.json agrees with what is there now: 1 entry.');
  expect(reportLock(result({ entries: 2 }), false)).toBe('a/image.lock.json is up to date: 2 entries.');
  const changes: LockResult['changes'] = [
    { kind: 'debian', name: 'libc6 (amd64)', from: '1.0', to: '1.1' },
    { kind: 'npm', name: 'tool@1.0.0', from: 'sha512-x' },
  ];
  expect(reportLock(result({ changes, unchanged: false, entries: 2 }), false)).toBe(
    [
      'a/image.lock.json written: 2 entries.',
      '  debian libc6 (amd64): 1.0 -> 1.1',
      '  npm tool@1.0.0: sha512-x -> not needed any more',
    ].join('\n'),
  );
});
