import { expect, test } from 'vitest';
import { APPLY_MODES, checkModeOf, isApplyMode, isCheckMode, isMode, MODES } from './modes.ts';

test('the eleven modes are five, their checks and interrupt', () => {
  expect(new Set(MODES)).toEqual(new Set([...APPLY_MODES, ...APPLY_MODES.map(checkModeOf), 'interrupt']));
  expect(MODES).toHaveLength(11);
  expect(MODES.join(',')).toBe(
    'uninstall,uninstall-check,upgrade,upgrade-check,apply,apply-check,config,config-check,interrupt,post-interrupt,post-interrupt-check',
  );
});

test('each mode is of one kind', () => {
  expect(MODES.filter(isApplyMode)).toEqual(APPLY_MODES);
  expect(MODES.filter(isCheckMode)).toEqual(APPLY_MODES.map(checkModeOf));
});

test('a mode is exact', () => {
  for (const text of ['', 'Apply', 'apply ', 'interrupt-check', 'constructor']) expect(isMode(text)).toBe(false);
});
