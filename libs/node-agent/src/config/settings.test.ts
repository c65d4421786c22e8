import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';
import { outcomeOf } from './test-config.ts';

const settingsOf = (env: Record<string, string>) => readSettings(new Map(Object.entries(env)));

test('absent variables have their defaults', () => {
  expect(settingsOf({})).toEqual({
    copyResolv: true,
    alwaysRunStep: false,
    resourceId: '',
    dataDir: '/skyhook-package',
    rootDir: '/etc/skyhook',
    logDir: '/var/log/skyhook',
    writeLogs: true,
    bufferLimit: 8192n,
  });
});

test('an empty variable is empty, and as a flag false', () => {
  const names = ['COPY_RESOLV', 'OVERLAY_ALWAYS_RUN_STEP', 'SKYHOOK_DATA_DIR', 'SKYHOOK_ROOT_DIR', 'SKYHOOK_LOG_DIR'];
  const empty = settingsOf(Object.fromEntries([...names, 'SKYHOOK_AGENT_WRITE_LOGS'].map((name) => [name, ''])));
  expect(empty).toMatchObject({ copyResolv: false, alwaysRunStep: false, writeLogs: false });
  expect(empty).toMatchObject({ dataDir: '', rootDir: '', logDir: '' });
});

test.each([
  ['true', true],
  ['TRUE', true],
  ['tRuE', true],
  [' true', false],
  ['true\n', false],
  ['1', false],
  ['yes', false],
])('the flag %j is %s', (value, flag) => {
  expect(settingsOf({ COPY_RESOLV: value }).copyResolv).toBe(flag);
});

test.each([
  [' 1_024 ', 1024n],
  ['\uFF11\uFF16', 16n],
  ['007', 7n],
  ['0', 0n],
  ['-5', -5n],
  ['+9', 9n],
  ['99999999999999999999', 99999999999999999999n],
])('the limit %j is %s', (value, limit) => {
  expect(settingsOf({ SKYHOOK_AGENT_BUFFER_LIMIT: value }).bufferLimit).toBe(limit);
});

test.each(['', '8k', '0x10', '1.5', '1__0'])('the limit %j is a crash', (value) => {
  expect(outcomeOf(() => settingsOf({ SKYHOOK_AGENT_BUFFER_LIMIT: value }))).toBe(
    `ValueError: invalid literal for int() with base 10: '${value}'`,
  );
});
